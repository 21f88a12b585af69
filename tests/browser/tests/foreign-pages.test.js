/**
 * A web site that the person visits in the same browser, at work beside their desk, gets nothing done.
 *
 * The site is served by this computer under the same name and another port: for cookies that is the same
 * site, the worst that can be.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { get } from '../world/raw-http.js';
import { TEAM, Town } from '../world/town.js';

/** What the site would have the desk write. */
const TEXT = 'Écrit par un autre site.';

let town;
let desk;
let site;
let address;
let visited;

before(async () => {
  town = await Town.build();
  desk = await town.desk('amine');
  const conversation = `${desk.origin}/conversations/${await town.thread()}`;
  const pages = {
    '/frame': `<iframe src="${desk.origin}/conversations" title="cadre" onload="document.title = 'loaded'"></iframe>`,
    '/parts': ['iframe src', 'embed src', 'object data'].map((part) => `<${part}="${desk.origin}/conversations" title="cadre">
      </${part.split(' ')[0]}>`).join('') + '<script>onload = () => { document.title = "loaded" }</script>',
    '/window': `<button onclick="const opened = window.open('${desk.origin}/conversations');
      setInterval(() => { if (opened.closed) document.title = 'cut' }, 50)">Gagner</button>`,
    '/form': `<form action="${conversation}" method="post"><input name="text" value="${TEXT}">
      <input name="when" value="now"><button>Gagner</button></form>`,
    '/script': `<script src="${desk.origin}/assets/desk.js" onerror="document.title = 'refused'"
      onload="document.title = 'loaded'"></script>`,
    '/read': `<script>fetch('${conversation}', { credentials: 'include' })
      .then((answer) => answer.text()).then(() => { document.title = 'read' }, () => { document.title = 'refused' })</script>`,
    '/link': `<a href="${conversation}">Voir</a>`,
  };
  site = createServer((request, response) => {
    if (request.url === '/nowhere') visited = request.headers;
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><meta charset="utf-8"><title>site</title>${pages[request.url] ?? ''}`);
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  address = `http://127.0.0.1:${site.address().port}`;
});

after(async () => {
  await closeBrowser();
  site?.close();
  site?.closeAllConnections();
  await town?.strike();
});

/** Somebody with the desk open in the same browser who now looks at the site. */
async function visitor(path) {
  const person = await personAt(desk);
  await person.open(address + path);
  return person;
}

test('the_site_can_put_no_page_of_the_desk_into_a_frame', async () => {
  const person = await visitor('/frame');
  await person.page.waitForFunction(() => document.title === 'loaded');
  const [, frame] = person.page.frames();
  assert.match(frame.url(), /^chrome-error:/);
  assert.match(person.complaints().join('\n'), /frame-ancestors/);
  await person.leave();
});

test('neither_can_one_of_another_name_in_any_way_to_embed_a_page', async () => {
  const person = await personAt(desk);
  await person.open(`${address.replace('127.0.0.1', 'localhost')}/parts`);
  await person.page.waitForFunction(() => document.title === 'loaded');
  const [, ...frames] = person.page.frames();
  assert.ok(frames.length >= 1);
  for (const frame of frames) {
    assert.ok(!frame.url().startsWith(desk.origin), frame.url());
    assert.equal(await frame.getByText(TEAM).count(), 0);
  }
  assert.match(person.complaints().join('\n'), /frame-ancestors/);
  await person.leave();
});

test('a_window_that_the_site_opens_on_the_desk_is_out_of_its_hands', async () => {
  const person = await visitor('/window');
  const [opened] = await Promise.all([person.page.context().waitForEvent('page'), person.click('button', 'Gagner')]);
  await opened.getByText(TEAM).first().waitFor();
  await person.page.waitForFunction(() => document.title === 'cut');
  await opened.getByText(TEAM).first().waitFor();
  await person.leave();
});

test('a_form_of_the_site_comes_with_the_cookie_and_is_refused_for_its_origin', async () => {
  const person = await visitor('/form');
  const [request] = await Promise.all([
    person.page.waitForRequest((sent) => sent.method() === 'POST'),
    person.click('button', 'Gagner'),
  ]);
  const answer = await request.response();
  assert.ok((await request.allHeaders()).cookie, 'or the origin would not be what refuses it');
  assert.equal(answer.status(), 403);
  const cookie = (await desk.cookies()).join('; ');
  const shown = await get(`${desk.origin}/conversations/${await town.thread()}`, { cookie });
  assert.equal(shown.status, 200);
  assert.ok(!shown.body.includes(TEXT));
  await person.leave();
});

test('the_site_can_read_no_page_and_use_no_script_of_the_desk', async () => {
  for (const path of ['/script', '/read']) {
    const person = await visitor(path);
    await person.page.waitForFunction(() => document.title !== 'site');
    assert.equal(await person.page.title(), 'refused', path);
    await person.leave();
  }
});

test('a_link_from_the_desk_to_the_site_would_not_tell_it_which_page_was_read', async () => {
  const person = await personAt(desk);
  await person.open(`/conversations/${await town.thread()}`);
  await Promise.all([
    person.page.waitForURL(`${address}/nowhere`),
    person.page.evaluate((to) => location.assign(to), `${address}/nowhere`),
  ]);
  assert.deepEqual([visited.host, visited.referer], [new URL(address).host, undefined]);
  await person.leave();
});
