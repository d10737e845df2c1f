// What the browser scripts share: words on the command line, a page in Debian's Chromium, a look with axe.
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox', // tests run as root in CI, where Chromium has no sandbox
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync',
];

// Options every script takes.
const OPTIONS = {
  width: { type: 'string', default: '360' },
  height: { type: 'string', default: '740' },
  dark: { type: 'boolean', default: false },
  'no-js': { type: 'boolean', default: false },
  locale: { type: 'string', default: 'en-GB' },
  // NAME=VALUE, set for the address that is opened; several are fine.
  cookie: { type: 'string', multiple: true, default: [] },
};

export function words(usage, more = {}) {
  try {
    const { values, positionals } = parseArgs({ options: { ...OPTIONS, ...more }, allowPositionals: true });
    return { ...values, words: positionals };
  } catch (error) {
    console.error(`${error.message}\nusage: ${usage}`);
    process.exit(2);
  }
}

// Opens a browser and an empty page, hands them to `act`, closes both whatever happens. `page.seen` lists what a
// visitor would not notice and a test must: errors on the console, failed requests, requests to other origins.
export async function browse(options, address, act) {
  const own = process.env.CHROMIUM_FOLDER ? join(process.env.CHROMIUM_FOLDER, 'profile') : mkdtempSync(join(tmpdir(), 'freehold-chromium-'));
  const context = await chromium.launchPersistentContext(own, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
    viewport: { width: Number(options.width), height: Number(options.height) },
    colorScheme: options.dark ? 'dark' : 'light',
    javaScriptEnabled: !options['no-js'],
    locale: options.locale,
  });
  try {
    await context.addCookies(options.cookie.map((pair) => {
      const [name, ...value] = pair.split('=');
      return { name, value: value.join('='), url: address };
    }));
    const page = context.pages()[0] ?? (await context.newPage());
    page.seen = watch(page, new URL(address).origin);
    return await act(page, context);
  } finally {
    await context.close();
    rmSync(own, { recursive: true, force: true });
  }
}

function watch(page, origin) {
  const seen = { errors: [], requests: 0, foreign: [] };
  page.on('pageerror', (error) => seen.errors.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') seen.errors.push(message.text()); });
  page.on('requestfailed', (request) => seen.errors.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    const address = new URL(request.url());
    seen.requests += 1;
    if (!['data:', 'blob:'].includes(address.protocol) && address.origin !== origin) seen.foreign.push(request.url());
  });
  return seen;
}

// What axe has against the page, one line each: rule, impact, first place.
export async function axe(page) {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // Evaluated by the debugger, so that the page's own content security policy has no say in it.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: source });
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: 'axe.run().then((found) => JSON.stringify(found.violations))', awaitPromise: true, returnByValue: true,
  });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return JSON.parse(result.value).map((rule) => `${rule.id} (${rule.impact}): ${rule.nodes[0]?.target.join(' ')}`);
}

// By how many pixels the page is wider than the window.
export async function overflow(page) {
  const session = await page.context().newCDPSession(page);
  const { cssLayoutViewport, cssContentSize } = await session.send('Page.getLayoutMetrics');
  return Math.max(0, Math.ceil(cssContentSize.width - cssLayoutViewport.clientWidth));
}

// The six digits of an authenticator app with this key, in base 32, at this time (RFC 6238).
export function digits(key, seconds) {
  const bits = [...key.replaceAll(/\s/g, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const mac = createHmac('sha1', secret).update(step).digest();
  const value = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(value % 1_000_000).padStart(6, '0');
}
