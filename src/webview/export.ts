// The ladder as a picture file: the drawing with the colours of the theme written into it, so that it looks the same outside.

const STYLED = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'opacity',
  'text-anchor',
  'dominant-baseline',
];

function styledCopy(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  originals.forEach((original, index) => {
    const computed = getComputedStyle(original);
    for (const property of STYLED) copies[index]?.style.setProperty(property, computed.getPropertyValue(property));
  });
  for (const style of copy.querySelectorAll('style')) style.remove();
  const box = svg.viewBox.baseVal;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(box.width));
  copy.setAttribute('height', String(box.height));
  copy.style.background = getComputedStyle(document.body).backgroundColor;
  return copy;
}

export function exportSvg(svg: SVGSVGElement): string {
  return new XMLSerializer().serializeToString(styledCopy(svg));
}

/** Base64 of a PNG at twice the drawing's size. */
export async function exportPng(svg: SVGSVGElement): Promise<string> {
  const box = svg.viewBox.baseVal;
  const image = new Image();
  const url = URL.createObjectURL(new Blob([exportSvg(svg)], { type: 'image/svg+xml' }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = box.width * 2;
    canvas.height = box.height * 2;
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('this browser gives no canvas');
    context.scale(2, 2);
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, box.width, box.height);
    context.drawImage(image, 0, 0, box.width, box.height);
    return canvas.toDataURL('image/png').replace(/^data:image\/png;base64,/, '');
  } finally {
    URL.revokeObjectURL(url);
  }
}
