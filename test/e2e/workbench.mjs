// The handful of gestures that a user makes in the VS Code workbench, for Playwright.

/** One page with a folder open and the workbench ready. */
export class Workbench {
  constructor(page) {
    this.page = page;
  }

  async ready() {
    await this.page.waitForSelector('.monaco-workbench .part.editor', { timeout: 60_000 });
    await this.page.waitForTimeout(1500);
  }

  /** Runs a command by its title through the palette. */
  async command(title) {
    await this.page.keyboard.press('F1');
    await this.page.waitForSelector('.quick-input-widget:not([style*="display: none"]) input');
    await this.page.keyboard.type(title, { delay: 5 });
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    await row.waitFor({ timeout: 20_000 });
    await row.click();
    await this.page.waitForTimeout(300);
  }

  async openFile(name) {
    await this.page.keyboard.press('Control+P');
    await this.page.waitForSelector('.quick-input-widget:not([style*="display: none"]) input');
    await this.page.keyboard.type(name, { delay: 5 });
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first();
    await row.waitFor({ timeout: 20_000 });
    await row.click();
    await this.page.waitForSelector(`.tabs-container .tab.active[data-resource-name="${name}"]`, { timeout: 20_000 });
    await this.page.waitForSelector('.editor-instance .view-lines .view-line');
  }

  /** Chooses a colour theme by its label and waits until the workbench is drawn in it. */
  async theme(label) {
    await this.command('Preferences: Color Theme');
    await this.page.keyboard.type(label, { delay: 5 });
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first();
    await row.waitFor({ timeout: 20_000 });
    await row.click();
    await this.page.waitForTimeout(1500);
  }

  async goToLine(line) {
    await this.page.keyboard.press('Control+G');
    await this.page.waitForSelector('.quick-input-widget:not([style*="display: none"]) input');
    await this.page.keyboard.type(String(line));
    await this.page.keyboard.press('Enter');
    await this.page.waitForTimeout(300);
  }

  /** Hovers a word in the editor in view and waits for the hover's text to contain `expected`. */
  async hover(word, expected) {
    const span = this.page.locator('.editor-instance .view-line span:not(:has(span))', { hasText: word }).last();
    await span.waitFor({ timeout: 15_000 });
    // The editor draws its lines anew when hints arrive, so the element may be gone the moment after it was found.
    let box = null;
    for (let attempt = 0; box === null && attempt < 20; attempt++) {
      box = await span.boundingBox().catch(() => null);
      if (box === null) await this.page.waitForTimeout(250);
    }
    if (box === null) throw new Error(`'${word}' is not on the screen`);
    const hover = this.page.locator('.monaco-hover:visible', { hasText: expected }).first();
    // A pointer that rests where the text moved away shows nothing: like a person, point again.
    for (let attempt = 0; attempt < 3 && !(await hover.isVisible()); attempt++) {
      await this.page.mouse.move(5, 5);
      const at = (await span.boundingBox().catch(() => null)) ?? box;
      await this.page.mouse.move(at.x + Math.min(60, at.width / 2), at.y + at.height / 2);
      await hover.waitFor({ timeout: 10_000 }).catch(() => {});
    }
    return hover.innerText({ timeout: 5_000 });
  }

  /** Texts of the rows of the Problems view, opened when it is not. */
  async problems() {
    await this.command('Problems: Focus on Problems View');
    await this.page.waitForSelector('.markers-panel .monaco-list-row', { timeout: 20_000 });
    return this.page.locator('.markers-panel .monaco-list-row').allInnerTexts();
  }

  /** Waits for the debugger to stand; resolves to the texts of the call stack. */
  async stopped() {
    await this.page.waitForSelector('.debug-toolbar', { timeout: 30_000 });
    await this.page.waitForSelector('.codicon-debug-stackframe, .debug-top-stack-frame-line', { timeout: 30_000 });
    await this.page.waitForTimeout(600);
    return this.page.locator('.debug-call-stack .monaco-list-row').allInnerTexts();
  }

  variables() {
    return this.page.locator('.debug-variables .monaco-list-row').allInnerTexts();
  }

  /** The document inside the webview in view. */
  webview() {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  async screenshot(file) {
    await this.page.screenshot({ path: file });
  }
}
