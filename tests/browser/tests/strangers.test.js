/**
 * Who is not the person before this computer gets nothing from the desk: raw requests, as another program,
 * account or web site of the same computer could send them.
 */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { get, post, send, sendLines } from '../world/raw-http.js';
import { Town } from '../world/town.js';

/** For anybody: the opening link, and what a page is drawn with. */
const PUBLIC = ['/open?token=wrong', '/assets/desk.css', '/assets/desk.js', '/assets/icon.svg'];
/** For the browser that was let in. */
const PAGES = ['/', '/conversations', '/announcements', '/me', '/search', '/unlock', '/events', '/nowhere'];
/** What changes something. */
const FORMS = ['/unlock', '/lock', '/language', '/open', '/nowhere'];

let town;
let desk;
let cookie;

before(async () => {
  town = await Town.build();
  desk = await town.desk('amine');
  cookie = (await desk.cookies()).join('; ');
});

after(() => town?.strike());

/** All routes, a conversation and its form among them. */
const pages = async () => [...PAGES, `/conversations/${await town.thread()}`];
const forms = async () => [...FORMS, `/conversations/${await town.thread()}`];

test('an_opening_link_serves_once_and_no_other_token_does', async () => {
  assert.equal((await get(desk.link)).status, 403, 'used already');
  for (const query of ['', '?token=', '?token=wrong', `?token=${'0'.repeat(64)}`, `?token=${desk.token}&token=${desk.token}`]) {
    const answer = await get(`${desk.origin}/open${query}`);
    assert.deepEqual([query, answer.status >= 400, answer.cookies], [query, true, []]);
  }
});

test('a_link_gives_one_cookie_that_scripts_and_other_sites_never_have_and_leads_to_an_address_without_token', async () => {
  const answer = await get(await desk.anotherLink());
  assert.deepEqual([answer.status, answer.headers.location], [303, '/']);
  assert.equal(answer.cookies.length, 1);
  const [pair, ...attributes] = answer.cookies[0].split('; ');
  assert.match(pair, /^[\w-]+=[0-9a-f]{64}$/);
  assert.deepEqual(attributes.sort(), ['HttpOnly', 'Path=/', 'SameSite=Strict']);
  assert.ok(!answer.body.includes(pair.split('=')[1]));
});

test('without_the_cookie_no_page_is_shown', async () => {
  const [name] = cookie.split('=');
  for (const path of await pages()) {
    for (const headers of [{}, { cookie: '' }, { cookie: `${name}=` }, { cookie: `${name}=${'0'.repeat(64)}` }]) {
      const answer = await get(desk.origin + path, headers);
      assert.equal(answer.status, 403, path);
      assert.ok(!answer.body.includes('Voirie nord'), path);
    }
  }
  assert.match((await get(`${desk.origin}/conversations`, { cookie })).body, /Voirie nord/, 'with it, it is');
});

test('under_another_name_nothing_is_answered_whatever_a_name_server_says', async () => {
  const names = ['localhost', `localhost:${desk.port}`, '127.0.0.1', `127.0.0.1:${desk.port + 1}`, 'desk.example'];
  for (const path of [...PUBLIC, ...(await pages())]) {
    for (const host of names) {
      const answer = await get(desk.origin + path, { cookie, host });
      assert.deepEqual([path, host, answer.status >= 400, answer.cookies], [path, host, true, []]);
      assert.ok(!answer.body.includes('Voirie nord'), path);
    }
  }
  for (const lines of [[], ['Host: '], [`Host: 127.0.0.1:${desk.port}`, 'Host: desk.example']]) {
    const answer = await sendLines(desk.port, ['GET /conversations HTTP/1.1', ...lines, `Cookie: ${cookie}`]);
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, lines.join());
  }
});

test('a_form_of_another_origin_changes_nothing', async () => {
  const thread = await town.thread();
  const text = 'Écrit par un autre site.';
  for (const origin of ['http://desk.example', 'null', '', `http://127.0.0.1:${desk.port + 1}`, `http://localhost:${desk.port}`, `https://127.0.0.1:${desk.port}`]) {
    for (const path of await forms()) {
      const answer = await post(desk.origin + path, { text, when: 'now' }, { cookie, origin });
      assert.equal(answer.status, 403, `${path} from ${origin}`);
    }
  }
  const body = new URLSearchParams({ text, when: 'now' }).toString();
  const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
  const without = await send(`${desk.origin}/conversations/${thread}`, { method: 'POST', headers, body });
  assert.equal(without.status, 403, 'no origin at all');
  const shown = () => get(`${desk.origin}/conversations/${thread}`, { cookie }).then((answer) => answer.body);
  assert.ok(!(await shown()).includes(text));
  const own = await post(`${desk.origin}/conversations/${thread}`, { text, when: 'now' }, { cookie });
  assert.equal(own.status, 303);
  assert.ok((await shown()).includes(text), 'the same form of our own page is taken');
});

test('every_answer_forbids_frames_foreign_scripts_and_being_kept', async () => {
  const expected = {
    'base-uri': "'none'", 'connect-src': "'self'", 'default-src': "'none'", 'form-action': "'self'",
    'frame-ancestors': "'none'", 'img-src': "'self'", 'script-src': "'self'", 'style-src': "'self'",
  };
  const answers = [];
  for (const path of [...PUBLIC, ...(await pages())].filter((path) => path !== '/events')) {
    answers.push([path, await get(desk.origin + path, { cookie })], [`${path}, refused`, await get(desk.origin + path)]);
  }
  for (const path of await forms()) answers.push([`POST ${path}`, await post(desk.origin + path, {}, { origin: 'null' })]);
  answers.push(['PUT /', await send(`${desk.origin}/`, { method: 'PUT', headers: { cookie, origin: desk.origin } })]);
  for (const [path, { headers }] of answers) {
    const policy = headers['content-security-policy']?.split(';').map((directive) => directive.trim().split(/ (.*)/));
    assert.deepEqual(Object.fromEntries((policy ?? []).map(([name, value]) => [name, value])), expected, path);
    assert.equal(headers['x-frame-options'], 'DENY', path);
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin', path);
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
    assert.match(headers['referrer-policy'], /^(no-referrer|same-origin)$/, path);
    if (!path.startsWith('/assets/')) assert.equal(headers['cache-control'], 'no-store', path);
    assert.equal(headers['access-control-allow-origin'], undefined, path);
  }
});

test('other_methods_and_oversized_forms_are_refused', async () => {
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const answer = await send(`${desk.origin}/conversations`, { method, headers: { cookie, origin: desk.origin } });
    assert.equal(answer.status, 405, method);
  }
  const path = `/conversations/${await town.thread()}`;
  const answer = await post(desk.origin + path, { text: 'a'.repeat(600_000) }, { cookie });
  assert.equal(answer.status, 413);
});

test('the_desk_listens_on_this_computer_alone', async () => {
  const port = desk.port.toString(16).toUpperCase().padStart(4, '0');
  const listening = [];
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of (await readFile(table, 'utf8')).split('\n').slice(1)) {
      const [, local, , state] = line.trim().split(/\s+/);
      if (local?.endsWith(`:${port}`) && state === '0A') listening.push(local);
    }
  }
  assert.deepEqual(listening, [`0100007F:${port}`]);
});

test('only_its_owner_can_look_into_the_folder_in_which_the_desk_says_where_it_is', async () => {
  const { mode } = await stat(town.folder('amine'));
  assert.equal(mode & 0o777, 0o700);
});
