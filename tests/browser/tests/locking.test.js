/** A desk that is locked shows nothing to anybody, and opens again for its person alone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { get } from '../world/raw-http.js';
import { PASSPHRASE, TEAM, Town } from '../world/town.js';

const TEXT = 'Code du portail : voir la fiche.';

let town;
let desk;

before(async () => {
  town = await Town.build();
  await town.write('chloe', TEXT);
  desk = await town.desk('amine');
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

/** Gives a passphrase as one types it: the field has the focus already. */
async function give(person, passphrase) {
  await person.page.keyboard.type(passphrase);
  await person.press('Enter');
}

test('locking_covers_every_window_and_every_address_until_the_passphrase_is_typed', async () => {
  const [person, other] = [await personAt(desk), await personAt(desk, { width: 1280 })];
  await other.click('link', new RegExp(TEAM));
  await other.message(TEXT).waitFor();
  const conversation = other.page.url();
  await person.click('button', person.say('web-lock'));
  await person.page.waitForURL('**/unlock');
  await person.check('the door');
  const cookie = (await desk.cookies()).join('; ');
  for (const path of ['/', '/conversations', '/announcements', '/me', conversation.slice(desk.origin.length), '/events']) {
    const answer = await get(desk.origin + path, { cookie });
    assert.deepEqual([path, answer.status, answer.headers.location], [path, 303, '/unlock']);
    assert.ok(!answer.body.includes(TEAM) && !answer.body.includes(TEXT), path);
  }
  await other.page.waitForURL('**/unlock');
  assert.ok(!(await other.readable()).includes(TEXT));
  await give(person, PASSPHRASE);
  await person.page.waitForURL('**/conversations');
  await other.open(conversation);
  await other.message(TEXT).waitFor();
  await person.leave();
  await other.leave();
});

test('going_back_in_the_browser_after_locking_shows_nothing', async () => {
  const person = await personAt(desk);
  await person.click('link', new RegExp(TEAM));
  await person.message(TEXT).waitFor();
  await person.click('button', person.say('web-lock'));
  await person.page.waitForURL('**/unlock');
  await person.page.goBack();
  await person.page.getByLabel(person.say('web-passphrase')).waitFor();
  assert.ok(!(await person.readable()).includes(TEXT));
  await give(person, PASSPHRASE);
  await person.page.waitForURL('**/conversations');
  await person.leave();
});

test('a_wrong_passphrase_opens_nothing_says_what_to_do_and_is_in_no_address_or_page', async () => {
  const person = await personAt(desk);
  await person.click('button', person.say('web-lock'));
  await person.page.waitForURL('**/unlock');
  await give(person, 'une fausse phrase');
  await person.find('alert').waitFor();
  assert.equal(new URL(person.page.url()).href, `${desk.origin}/unlock`);
  assert.ok(!(await person.page.content()).includes('une fausse phrase'));
  await person.check('the door after a wrong passphrase');
  await give(person, PASSPHRASE);
  await person.page.waitForURL('**/conversations');
  await person.leave();
});

test('a_desk_that_was_ended_and_started_again_wants_a_new_link', async () => {
  const cookie = (await desk.cookies()).join('; ');
  assert.equal(await desk.stop(), 0, 'Ctrl-C ends it in order');
  const again = await town.desk('amine', { words: ['--port', String(desk.port)] });
  assert.equal(again.port, desk.port);
  assert.equal((await get(`${again.origin}/conversations`, { cookie })).status, 403);
  const person = await personAt(again);
  await person.sees(TEAM);
  await person.leave();
});
