/**
 * The checks of pages find what they are there to find.
 *
 * Each page here has one defect, and a twin without it: a check that finds nothing would prove nothing.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { closeBrowser, personBefore } from '../world/browser.js';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; img-src 'self'";

/** A page that nothing is wrong with. */
const page = (content, style = '') => `<!doctype html><html lang="fr"><head><title>Un essai</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:focus-visible { outline: 2px solid } ${style}</style></head>
<body><main><h1>Un essai</h1>${content}</main></body></html>`;

const PAGES = {
  '/good': page('<label>Message <input></label> <button>Envoyer</button>', 'input { max-width: 100% }'),
  '/unnamed': page('<input>'),
  '/pale': page('<p>Presque blanc</p>', 'p { color: #ccc; background: #fff }'),
  '/untitled': page('<p>Un cadre</p>').replace(/<title>.*?<\/title>/, ''),
  '/wide': page('<p>Large</p>', 'p { width: 900px }'),
  '/cut': page('<p>Une ligne qui ne tient pas</p>', 'p { width: 5em; overflow: hidden; white-space: nowrap }'),
  '/inline': page('<script>globalThis.ran = true</script>'),
  '/heavy': page(`<!--${'x'.repeat(100_000)}-->`),
  '/fixed': page('<p>Toujours petit</p>', 'html { font-size: 16px }'),
  '/unfocused': page('<button>Envoyer</button>', 'button:focus-visible { outline: none }'),
};

let server;
let origin;

before(async () => {
  server = createServer((request, response) => {
    const found = PAGES[request.url];
    response.writeHead(found ? 200 : 204, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY });
    response.end(found);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${server.address().port}`;
});

after(async () => {
  await closeBrowser();
  server.close();
  server.closeAllConnections();
});

/** What the checks say of a page. */
async function faults(path, appearance, options) {
  const person = await personBefore(appearance, options);
  await person.open(origin + path);
  const found = await person.check(path).then(() => '', (error) => error.actual.join('\n'));
  await person.leave();
  return found;
}

test('a_good_page_passes_in_every_appearance_and_without_scripts', async () => {
  assert.equal(await faults('/good'), '');
  assert.equal(await faults('/good', { width: 320, colours: 'dark', contrast: 'forced', text: 200 }), '');
  assert.equal(await faults('/good', { width: 1280, contrast: 'more' }), '');
  assert.equal(await faults('/good', {}, { scripts: false }), '');
});

test('a_field_without_a_name_is_found_by_both_judges', async () => {
  const found = await faults('/unnamed');
  assert.match(found, /^axe label: /m);
  assert.match(found, /^sniffer WCAG2AA\..*1_3_1/m);
  assert.equal(await faults('/unnamed', {}, { scripts: false }), found, 'whether or not the page may run scripts');
});

test('a_pale_text_and_a_page_without_a_title_are_found', async () => {
  assert.match(await faults('/pale'), /^axe color-contrast: /m);
  assert.match(await faults('/untitled'), /^axe document-title: /m);
});

test('a_page_that_scrolls_sideways_and_a_text_that_is_cut_are_found', async () => {
  assert.match(await faults('/wide'), /^layout: 9\d\d px wide where 360 are there/m);
  assert.equal(await faults('/wide', { width: 1280 }), '');
  assert.match(await faults('/cut'), /^layout: a text is cut/m);
});

test('what_the_policy_refuses_is_found_by_both_witnesses', async () => {
  const found = await faults('/inline');
  assert.match(found, /^policy: script-src-elem refuses inline/m);
  assert.match(found, /^console: .*Content Security Policy/m);
});

test('a_page_over_its_weight_is_found', async () => {
  assert.match(await faults('/heavy'), /^weight: 100\d\d\d bytes where 100000 are allowed$/m);
});

test('the_tab_key_comes_to_what_can_be_used_and_an_unseen_focus_is_found', async () => {
  const person = await personBefore();
  await person.open(`${origin}/good`);
  await person.tabTo('button', 'Envoyer');
  await person.open(`${origin}/unfocused`);
  await assert.rejects(person.tabTo('button', 'Envoyer'), /the focus is not seen on button Envoyer/);
  await person.leave();
});

test('a_page_that_keeps_its_text_small_is_found', async () => {
  assert.equal(await faults('/fixed'), '');
  assert.equal(await faults('/fixed', { text: 200 }), 'appearance: text has 16px and not 32px');
});

test('an_appearance_lasts_over_pages_pictures_and_changes_of_size', async () => {
  const settings = { width: 320, colours: 'dark', contrast: 'forced', text: 200 };
  const person = await personBefore(settings);
  for (const path of ['/good', '/unfocused', '/good']) {
    await person.open(origin + path);
    await person.picture('checks');
    await person.page.setViewportSize({ width: 400, height: 400 });
    await person.page.setViewportSize({ width: 320, height: 568 });
    await person.check(path);
  }
  await person.leave();
});
