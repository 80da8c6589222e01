import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Served } from './served.ts';

export interface Look {
  readonly language?: 'fr' | 'en';
  readonly theme?: 'light' | 'dark';
  /** With a key the console is open already; without one it asks for it. */
  readonly key?: string;
  /** Where the browser is; in Paris where nothing is said. */
  readonly zone?: string;
}

/** A container came or went on this machine, and with it a network: the browser drops what it was asking for. */
const NETWORK_OF_MACHINE = /net::ERR_NETWORK_CHANGED/;

/** A tab with the console, which keeps what must never happen: faults of scripts, and requests to elsewhere. */
export class OpenedConsole {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #url: string;
  readonly #wrong: string[] = [];
  /** Refusals that a test provokes are told by the browser as errors. */
  expectsRefusals = false;
  /** Where people sign in: the browser may go there, and its pages are not ours. */
  provider: string | null = null;

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.#context = context;
    this.page = page;
    this.#url = url;
    page.on('console', (message) => {
      const isRefusal = /Failed to load resource/.test(message.text());
      if (this.#isAway() || NETWORK_OF_MACHINE.test(message.text())) return;
      if (message.type() === 'error' && !(isRefusal && this.expectsRefusals)) this.#wrong.push(message.text());
    });
    page.on('pageerror', (error) => this.#wrong.push(String(error.stack)));
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (this.#isAway() || (origin === this.provider && request.isNavigationRequest())) return;
      if (origin !== url && protocol !== 'blob:') this.#wrong.push(`a request to ${request.url()}`);
    });
  }

  static async open(browser: Browser, served: Served, look: Look = {}): Promise<OpenedConsole> {
    const { language = 'fr', theme = 'light', key, zone = 'Europe/Paris' } = look;
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      timezoneId: zone,
    });
    await context.addInitScript(
      ([held, chosen, shown]) => {
        if (held !== '') sessionStorage.setItem('fairtally.key', held!);
        localStorage.setItem('fairtally.language', chosen!);
        localStorage.setItem('fairtally.theme', shown!);
      },
      [key ?? '', language, theme],
    );
    return new OpenedConsole(context, await context.newPage(), served.url);
  }

  #isAway(): boolean {
    return this.provider !== null && this.page.url().startsWith(this.provider);
  }

  async goto(path: string): Promise<void> {
    await this.page.goto(this.#url + path, { waitUntil: 'networkidle' });
  }

  /** What axe finds wrong with the page, a line each. */
  async accessFaults(): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page: this.page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  }

  offline(isOffline: boolean): Promise<void> {
    return this.#context.setOffline(isOffline);
  }

  /** Closes the tab; returns what happened that must not. */
  async close(): Promise<string[]> {
    await this.#context.close();
    return this.#wrong;
  }
}
