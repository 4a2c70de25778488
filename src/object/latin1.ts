// Bytes as a string of code units below 256, so that the engine's own substring search can look through megabytes of names.

/** One code unit per byte. */
export function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 8192) {
    // Spreading a typed array walks its iterator; handing it over as the argument list does not.
    parts.push(Reflect.apply(String.fromCharCode, undefined, bytes.subarray(i, i + 8192)));
  }
  return parts.join('');
}

/** The UTF-8 bytes of a name in the same form, to be looked for in latin1(). */
export function latin1Of(name: string): string {
  let out = '';
  for (const character of name) {
    const c = character.codePointAt(0)!;
    if (c < 0x80) out += character;
    else if (c < 0x800) out += String.fromCharCode(0xc0 | (c >> 6), 0x80 | (c & 63));
    else if (c < 0x10000) out += String.fromCharCode(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
    else out += String.fromCharCode(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
  }
  return out;
}
