/**
 * Figures of the desk's screens on this machine: printed, never asserted. docs/performance.md has them.
 *
 *   node tests/browser/bench.js          100,000 messages in one thread, 1,000 that arrive at once
 *
 * The programs are those of `ESTAFETTE_PROGRAMS`; say which build it was beside its figures. The long thread is
 * put into the database; everything else is written, sent and received as always.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { loadavg } from 'node:os';
import { closeBrowser, personAt } from './world/browser.js';
import { post } from './world/raw-http.js';
import { say as textOf } from './world/texts.js';
import { TEAM, Town } from './world/town.js';

const STORED = 100_000;
const ARRIVALS = 1_000;
const PAGES = 50;
const REPETITIONS = 21;
/** A task of the browser that takes longer than 50 ms is told by it as long. */
const LONG = 'longtask';
/** One that is made, to see that it is told of; in milliseconds. */
const LONG_TASK = 200;
const LONG_THREAD = 'Archives du nord';
/** How long a thousand arrivals may take, in milliseconds. */
const PATIENCE = 180_000;

const median = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
const within = (values, part) => [...values].sort((one, other) => one - other)[Math.ceil(values.length * part) - 1];
const slowest = (values) => Math.max(...values);
const say = (what, value, unit, target = '') => console.log(`${what.padEnd(84)} ${value.toFixed(1).padStart(8)} ${unit.padEnd(4)} ${target}`);

/** A page over loopback: milliseconds to its first byte and to its last, and its text. */
function ask(address, cookie) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const asked = request(address, { headers: { cookie } }, (answer) => {
      const first = performance.now() - begun;
      let body = '';
      answer.setEncoding('utf8').on('data', (part) => { body += part; });
      answer.on('end', () => resolve({ first, whole: performance.now() - begun, body }));
    });
    asked.on('error', reject).end();
  });
}

/** The memory of a process, in MiB. */
const memory = (process) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${process}/status`, 'utf8'))[1]) / 1024;

async function pages(town, desk, thread) {
  const cookie = (await desk.cookies()).join('; ');
  const address = `${desk.origin}/conversations/${thread}`;
  const newest = [];
  for (let at = 0; at < REPETITIONS; at += 1) newest.push(await ask(address, cookie));
  say('the newest page of the thread: first byte, median', median(newest.map(({ first }) => first)), 'ms');
  say('— whole, median', median(newest.map(({ whole }) => whole)), 'ms');
  say('— whole, the slowest (the first of them opens the database)', slowest(newest.map(({ whole }) => whole)), 'ms');
  const before = memory(desk.process);
  say('memory of the desk (VmRSS)', before, 'MiB', '< 120 MB');
  const lengths = [];
  let [, older] = /href="\?before=(\d+)"/.exec(newest[0].body);
  for (let at = 0; at < PAGES && older; at += 1) {
    const page = await ask(`${address}?before=${older}`, cookie);
    lengths.push(page.whole);
    [, older] = /href="\?before=(\d+)"/.exec(page.body) ?? [];
  }
  say(`${lengths.length} older pages, one after the other: whole, median`, median(lengths), 'ms');
  say('— the slowest', slowest(lengths), 'ms');
  say('memory of the desk after them', memory(desk.process), 'MiB', 'as before');
}

/** Opens a page; when something of it was first painted, in milliseconds from asking for it. */
async function painted(person, path) {
  await person.open(path);
  await person.page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
  return person.page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
}

/** The page, and in turn with it one of a few lines: what the browser takes for itself is the same for both. */
async function paint(desk, thread) {
  const person = await personAt(desk, { width: 1280 });
  const [long, short] = [[], []];
  for (let at = 0; at < 2 * REPETITIONS; at += 1) {
    long.push(await painted(person, `/conversations/${thread}`));
    short.push(await painted(person, '/me'));
  }
  const [cold, ...warm] = long;
  say('first contentful paint of that page, the first of a browser that has just started', cold, 'ms');
  say('— then: median', median(warm), 'ms', '< 100');
  say('— 9 of 10 within', within(warm, 0.9), 'ms');
  say('— the slowest', slowest(warm), 'ms');
  say('of a page of a few lines (« Moi »), in turn with it: median', median(short), 'ms');
  say('— 9 of 10 within', within(short, 0.9), 'ms');
  say('— the slowest', slowest(short), 'ms');
  await person.leave();
}

/** In the page: notes when a text is first seen in a message. */
const watch = (text) => {
  const look = () => {
    const seen = [...document.querySelectorAll('.message .body')].some((body) => body.textContent === text);
    if (seen) globalThis.seenAt ??= Date.now();
  };
  globalThis.seenAt = undefined;
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
};

/** How the desk says that a message has the relay's word. */
const ACCEPTED = textOf('fr', 'state-handed');

async function arrival(town, amine, chloesDesk) {
  const cookie = (await chloesDesk.cookies()).join('; ');
  const address = `${chloesDesk.origin}/conversations/${await town.thread()}`;
  const [accepted, whole] = [[], []];
  for (let at = 0; at < REPETITIONS; at += 1) {
    const text = `Arrivée ${at} !`;
    await amine.page.evaluate(watch, text);
    const sent = Date.now();
    await post(address, { text, when: 'now' }, { cookie });
    // Asked again and again: each time takes a few milliseconds.
    let body;
    do ({ body } = await ask(address, cookie)); while (!body.slice(body.indexOf(text)).includes(ACCEPTED));
    const word = Date.now();
    await amine.page.waitForFunction(() => globalThis.seenAt);
    const seen = await amine.page.evaluate(() => globalThis.seenAt);
    accepted.push(seen - word);
    whole.push(seen - sent);
  }
  say('from the relay’s word at the sender to the text on another’s screen, median', median(accepted), 'ms', '< 150');
  say('— the slowest', slowest(accepted), 'ms');
  say('— from sending on, median', median(whole), 'ms');
}

/** In the page: whether the browser tells of a task that is made long on purpose; nothing is kept of it. */
async function witnessed(length) {
  const end = performance.now() + length;
  setTimeout(() => { while (performance.now() < end + length); });
  await new Promise((done) => { setTimeout(done, 4 * length); });
  return globalThis.tasks.splice(0).length;
}

async function burst(town, amine, chloesDesk) {
  await town.cut();
  const cookie = (await chloesDesk.cookies()).join('; ');
  const address = `${chloesDesk.origin}/conversations/${await town.thread()}`;
  for (let at = 0; at < ARRIVALS; at += 1) {
    await post(address, { text: `Rafale ${at}`, when: 'now' }, { cookie });
  }
  await amine.page.evaluate((type) => {
    globalThis.tasks = [];
    new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type });
  }, LONG);
  if (await amine.page.evaluate(witnessed, LONG_TASK) === 0) throw new Error('the browser tells of no long task');
  const restored = Date.now();
  await town.restore();
  await amine.message(`Rafale ${ARRIVALS - 1}`).waitFor({ timeout: PATIENCE });
  say(`${ARRIVALS} arrivals in a burst: the relay is back until the last is on the screen`, (Date.now() - restored) / 1000, 's');
  const tasks = await amine.page.evaluate(() => globalThis.tasks);
  say('— tasks of the browser over 50 ms', tasks.length, '');
  say('— the longest', tasks.length ? slowest(tasks) : 0, 'ms', '< 200');
}

const town = await Town.build();
try {
  console.log(`load ${loadavg().map((value) => value.toFixed(1)).join(' ')}`);
  await town.run('admin', 'admin', 'team', LONG_THREAD, '--add', '3', '--add', '4');
  for (const who of ['chloe', 'amine']) await town.run(who, 'threads', '--sync', '3');
  const { thread } = (await town.run('amine', 'threads')).find(({ title }) => title === LONG_THREAD);
  await town.run('amine', 'bench-fill', thread, '--count', String(STORED));
  const desk = await town.desk('amine');
  await pages(town, desk, thread);
  await paint(desk, thread);
  const amine = await personAt(desk, { width: 1280 });
  const chloesDesk = await town.desk('chloe');
  await amine.click('link', new RegExp(TEAM));
  await amine.find('textbox', amine.say('web-message')).waitFor();
  await arrival(town, amine, chloesDesk);
  await burst(town, amine, chloesDesk);
  say('memory of the desk at the end', memory(desk.process), 'MiB', '< 120 MB');
  console.log(`load ${loadavg().map((value) => value.toFixed(1)).join(' ')}`);
} finally {
  await closeBrowser();
  await town.strike();
}
