/**
 * A relay that cannot be reached for days: what was written waits, the desk warns, locks when its lease is over,
 * and opens by itself with everything in place.
 *
 * One story: each test begins where the one before ended. A lease is over after seven days.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { inTeam, inTown, send, state } from '../world/story.js';
import { TEAM } from '../world/town.js';

const WRITTEN = 'Le pont de la Vaux est fermé aux camions.';
const BEGUN = 'Je commence une phrase et la semaine';
const DAY = 24 * 60;

let town;
let amine;

inTown(async (built) => {
  town = built;
  await town.goTo('09:00');
  amine = await personAt(await town.desk('amine'));
  await amine.page.locator('#standing').filter({ hasText: 'dernier contact 09:00' }).waitFor();
  await town.cut();
});

const standing = (words) => amine.page.locator('#standing').filter({ hasText: words });

test('days_without_the_relay_are_told_with_the_last_contact_and_what_waits', async () => {
  await inTeam(amine);
  await send(amine, WRITTEN);
  await state(amine, WRITTEN, 'state-waiting').waitFor();
  const kept = amine.page.waitForResponse((answer) => answer.url().endsWith('/draft'));
  await amine.write(amine.say('web-message'), BEGUN);
  assert.equal((await kept).status(), 204);
  await town.goOn(2 * DAY);
  await standing(/dernier contact \S+ \d+ \S+ 09:00/).waitFor();
  await standing('1 message en attente de départ').waitFor();
  await amine.message(WRITTEN).waitFor();
});

test('three_days_before_the_lease_is_over_every_page_warns_until_when', async () => {
  assert.equal(await amine.page.getByText(amine.say('desk-lease-locks')).count(), 0);
  await town.goOn(2 * DAY + 60);
  await amine.sees(amine.say('desk-lease-locks'));
  await amine.check('a conversation whose device will be locked');
});

test('when_it_is_over_the_open_page_is_left_for_one_that_says_what_happened_and_what_to_do', async () => {
  await town.goOn(3 * DAY);
  await amine.sees(amine.say('fault-device-locked'));
  await amine.sees(/Rien n’est perdu\. Retrouvez du réseau\s: il s’ouvrira de lui-même/);
  await amine.sees(/^Dernier contact\s: .* 09:00\. .* avec 1 message qui n’est pas parti\.$/);
  const readable = await amine.readable();
  for (const text of [TEAM, WRITTEN, BEGUN]) assert.ok(!readable.includes(text), text);
  await amine.check('a device whose lease is over');
});

test('started_again_without_the_relay_the_desk_is_locked_on_every_page', async () => {
  await amine.leave();
  await (await town.desk('amine')).stop();
  amine = await personAt(await town.desk('amine'));
  for (const path of ['/me', '/announcements', '/conversations']) {
    await amine.open(path);
    await amine.sees(amine.say('fault-device-locked'));
    assert.ok(!(await amine.readable()).includes(TEAM), path);
  }
});

test('with_the_relay_it_opens_by_itself_what_waited_leaves_and_what_was_begun_is_there', async () => {
  await town.restore();
  await town.goOn(1);
  await amine.find('link', new RegExp(TEAM)).waitFor({ timeout: 45_000 });
  await inTeam(amine);
  assert.equal(await amine.find('textbox', amine.say('web-message')).inputValue(), BEGUN);
  await amine.message(WRITTEN).waitFor();
  await state(amine, WRITTEN, 'state-waiting').waitFor({ state: 'detached' });
  const read = await town.run('chloe', 'read', await town.thread(), '--sync', '4');
  assert.equal(read.filter(({ text }) => text === WRITTEN).length, 1);
  amine.complaints();
});
