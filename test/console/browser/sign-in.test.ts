import { rmSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { AUDIENCE, type RunningProvider, runningProvider } from '../../support/identity-provider.ts';
import { openBrowser } from '../support/browser.ts';
import { embeddedDemo } from '../support/demo-ledgers.ts';
import { OpenedConsole } from '../support/opened-console.ts';
import { type Place, Served, freePort } from '../support/served.ts';

let browser: Browser;
let provider: RunningProvider;
let place: Place;
let served: Served;
beforeAll(async () => {
  browser = await openBrowser();
  const port = await freePort();
  provider = await runningProvider({ redirect: `http://127.0.0.1:${port}/login` });
  place = embeddedDemo(inject('demoFolder'));
  const env = {
    FAIRTALLY_OIDC_ISSUER: provider.issuer,
    FAIRTALLY_OIDC_AUDIENCE: AUDIENCE,
    FAIRTALLY_OIDC_CLAIM: 'groups',
    FAIRTALLY_OIDC_CLIENT: 'console',
    FAIRTALLY_OIDC_CLIENT_SECRET: 'a secret: with, signs & all',
  };
  served = await Served.start(place, { port, env });
});
afterAll(async () => {
  await served?.stop();
  provider?.close();
  await browser?.close();
  rmSync(place.folder, { recursive: true, force: true });
});

async function opened(path: string): Promise<OpenedConsole> {
  const console = await OpenedConsole.open(browser, served, { language: 'en' });
  console.provider = provider.issuer;
  await console.goto(path);
  return console;
}

async function signIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Sign in with 127\.0\.0\.1/ }).click();
  await page.getByPlaceholder('Enter any login').fill('ana');
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

describe('an analyst who signs in by OpenID Connect', () => {
  it('is back on the page that she asked for, by her name, and nothing of it is in the address', async () => {
    provider.setGroups(['analyst']);
    const console = await opened('/?q=state:open%20money:>1');
    expect(await console.accessFaults()).toEqual([]);
    await signIn(console.page);
    await console.page.locator('.cases').waitFor();
    await console.page.getByRole('button', { name: /ana@example\.com/ }).waitFor();
    expect(new URL(console.page.url()).search).toContain('money');
    expect(console.page.url()).not.toContain('code=');
    expect(await console.close()).toEqual([]);
  });

  it('works on when her token has ended: it was renewed', async () => {
    provider.setGroups(['analyst']);
    const console = await opened('/');
    await signIn(console.page);
    await console.page.locator('.cases').waitFor();
    const before = await console.page.evaluate(() => {
      const session = JSON.parse(sessionStorage.getItem('fairtally.session') ?? '') as object;
      sessionStorage.setItem('fairtally.session', JSON.stringify({ ...session, endsAt: 0 }));
      return sessionStorage.getItem('fairtally.key');
    });
    const renewed = console.page.waitForRequest((request) => request.url().endsWith('/v1/login'));
    await console.page.getByRole('button', { name: /^Decided/ }).click();
    expect((await renewed).postDataJSON()).toEqual({ refresh: expect.any(String) });
    await expect.poll(() => console.page.evaluate(() => sessionStorage.getItem('fairtally.key'))).not.toBe(before);
    expect(await console.page.getByRole('button', { name: /ana@example\.com/ }).count()).toBe(1);
    expect(await console.close()).toEqual([]);
  });

  it('who has no role here is told so, and can use a key', async () => {
    provider.setGroups(['football']);
    const console = await opened('/');
    console.expectsRefusals = true;
    await signIn(console.page);
    await console.page
      .getByRole('alert')
      .getByText(/gives you no role here/)
      .waitFor();
    expect(await console.page.getByLabel('Key', { exact: true }).isEnabled()).toBe(true);
    expect(await console.close()).toEqual([]);
  });

  it('is not signed in by a link that somebody else made', async () => {
    const console = await opened('/login?code=made-up&state=theirs');
    await console.page
      .getByRole('alert')
      .getByText(/was begun elsewhere/)
      .waitFor();
    expect(new URL(console.page.url()).pathname).toBe('/');
    expect(await console.close()).toEqual([]);
  });
});
