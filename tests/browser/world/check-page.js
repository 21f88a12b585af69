/**
 * Whether a page, as it stands now, can be used by everybody: what tools can tell of that.
 *
 * axe-core and HTML_CodeSniffer (the engine of pa11y, here without its second browser) judge the page that
 * the person is on, with what is open and typed, not the page that its address would give again. Both are
 * put into the page over the browser's debugging protocol, which the page's policy does not bind. They see
 * only a part of what WCAG 2.1 AA and RGAA 4.1 ask; the keyboard's walks are tests of their own.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);
const sources = Promise.all(
  ['axe-core/axe.min.js', '@pa11y/html_codesniffer/build/HTMLCS.js'].map((file) => readFile(resolve(file), 'utf8')),
);

/** Bytes that a page may weigh with all that it loads (RGESN; 100 kB). */
const HEAVIEST = 100_000;

/** How long the judges may take, in milliseconds */
const PATIENCE = 60_000;

/** Everything that is wrong on the page, one sentence each; an empty list if nothing is. */
export async function faultsOf(page) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no verdict on ${page.url()} within ${PATIENCE} ms`)), PATIENCE);
  });
  return Promise.race([judge(page), late]).finally(() => clearTimeout(timer));
}

async function judge(page) {
  const [axe, sniffer] = await sources;
  await page.evaluate(lendTimers);
  await page.evaluate(`if (!globalThis.axe) { ${axe}\n }`);
  await page.evaluate(`if (!globalThis.HTMLCS) { ${sniffer}\n }`);
  return [
    ...(await page.evaluate(judgeWithAxe)),
    ...(await page.evaluate(judgeWithSniffer)),
    ...(await page.evaluate(judgeLayout)),
    ...(await page.evaluate(weigh, HEAVIEST)),
  ];
}

/** What of the page is wider than its window, cut, or a broken word; as it stands now. */
export const layoutFaultsOf = (page) => page.evaluate(judgeLayout);

/* What follows runs in the page. */

/**
 * Where a person has scripts off no timer runs either, and the judges would wait for ever: what they put off
 * is done at once there. Their long timers only end what takes too long, and are left out.
 */
function lendTimers() {
  const longest = 1000;
  if (!matchMedia('(scripting: none)').matches) return;
  globalThis.setTimeout = (work, delay = 0, ...values) => {
    if (delay < longest) Promise.resolve().then(() => work(...values));
    return 0;
  };
}

async function judgeWithAxe() {
  // Where the person forces colours, text has theirs, and axe-core still reads the fill that it would have had.
  const forced = matchMedia('(forced-colors: active)').matches;
  // What stands in a frame is a page of its own, and judged as one.
  const rules = { 'color-contrast': { enabled: !forced } };
  const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'], rules, iframes: false });
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `axe ${id}: ${help} (${target})`));
}

function judgeWithSniffer() {
  return new Promise((settle, fail) => {
    const { HTMLCS } = globalThis;
    const { error } = console;
    // It complains of its own translations, which is not the page's fault.
    console.error = () => {};
    HTMLCS.process('WCAG2AA', document, () => {
      console.error = error;
      const errors = HTMLCS.getMessages().filter(({ type }) => type === HTMLCS.ERROR);
      settle(errors.map(({ code, msg, element }) => `sniffer ${code}: ${msg} (${element.outerHTML?.slice(0, 120)})`));
    }, () => fail(new Error('HTML_CodeSniffer does not judge this page')));
  });
}

function judgeLayout() {
  const found = [];
  const { scrollWidth, clientWidth } = document.scrollingElement;
  if (scrollWidth > clientWidth) {
    const wide = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > clientWidth + 1);
    found.push(`layout: ${scrollWidth} px wide where ${clientWidth} are there (${wide.at(-1)?.outerHTML.slice(0, 120)})`);
  }
  for (const element of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(element);
    const { width, height } = element.getBoundingClientRect();
    const shown = width > 2 && height > 2 && style.visibility === 'visible';
    const hides = ['hidden', 'clip'];
    const tall = hides.includes(style.overflowY) && element.scrollHeight > element.clientHeight + 1;
    const wide = hides.includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
    if (shown && element.innerText?.trim() && (tall || wide)) {
      found.push(`layout: a text is cut (${element.outerHTML.slice(0, 120)})`);
    }
  }
  // A word of usual length stays whole, whatever the width: this browser has no hyphens to break it with.
  const usual = /(?<![\p{L}\p{N}./_=?-])(?:\p{L}{1,2}’)?\p{L}{2,15}(?![\p{L}\p{N}./_=?-])/gu;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const { currentNode: node } = texts;
    if (!node.parentElement.checkVisibility({ visibilityProperty: true })) continue;
    for (const { 0: word, index } of node.data.matchAll(usual)) {
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
      if (lines.size > 1) found.push(`layout: « ${word} » is broken (${node.parentElement.outerHTML.slice(0, 120)})`);
    }
  }
  return found;
}

function weigh(heaviest) {
  const loaded = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  const bytes = loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  return bytes > heaviest ? [`weight: ${bytes} bytes where ${heaviest} are allowed`] : [];
}
