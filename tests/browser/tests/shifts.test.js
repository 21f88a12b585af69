/**
 * A planning from a file, by the screens: first what it would change, then the change, and what the people in it see.
 *
 * One story: each test begins where the one before ended.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { appointSecond, setHours } from '../world/hours.js';
import { inTown } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

const REASON = 'Marché de Noël';

let town;
let admin;
let days;

inTown(async (built) => {
  town = built;
  await appointSecond(town);
  for (const { agent } of [PEOPLE.amine, PEOPLE.chloe]) await setHours(town, agent, 'lun-ven 08:00-17:00');
  await town.goTo('14:00');
  // Of today and tomorrow, as the file says them.
  days = [0, 24 * 60].map((minutes) => town.moment(minutes).slice(0, 10));
  admin = await personAt(await town.desk('admin'), { width: 1280 });
});

const planning = () => [
  'agent,début,fin,type,équipe,rang,motif',
  `${PEOPLE.chloe.agent},${days[0]} 18:00,${days[0]} 20:00,service,,,${REASON}`,
  `99,${days[0]} 18:00,${days[0]} 20:00,service,,,`,
  `${PEOPLE.amine.agent},${days[0]} 17:00,${days[1]} 08:00,astreinte,${TEAM},1,`,
].join('\n');

test('a_planning_is_looked_at_first_and_its_bad_line_costs_no_other', async () => {
  await admin.open('/admin');
  await admin.click('link', new RegExp(`^${admin.say('web-shifts')}`));
  await admin.paste(admin.say('web-import-content'), planning());
  await admin.click('button', admin.say('web-import-look'));
  await admin.sees(admin.say('web-import-would'));
  assert.deepEqual(await admin.page.getByRole('table').first().getByRole('rowheader').allInnerTexts(), ['3']);
  assert.equal(await admin.find('heading', new RegExp(TEAM)).count(), 0, 'nothing stands yet');
  await admin.click('button', admin.say('web-shifts-send'));
  await admin.sees(admin.say('web-import-done'));
  await admin.find('heading', new RegExp(TEAM)).waitFor();
  await admin.page.locator('ul.facts li').filter({ hasText: PEOPLE.amine.name }).waitFor();
  await admin.check('a planning that was imported');
});

test('the_same_file_again_changes_nothing_and_offers_nothing', async () => {
  await admin.paste(admin.say('web-import-content'), planning());
  await admin.click('button', admin.say('web-import-look'));
  await admin.sees(admin.say('web-import-would'));
  assert.equal(await admin.find('button', admin.say('web-shifts-send')).count(), 0);
});

test('who_is_in_it_sees_until_when_by_whom_and_why', async () => {
  const chloe = await personAt(await town.desk('chloe'));
  await chloe.open('/me/hours');
  await chloe.sees(new RegExp(REASON));
  await chloe.sees(/Zoé Martin/);
  await town.goTo('18:30');
  await chloe.page.locator('#standing').filter({ hasText: 'en service jusqu’à 20:00' }).waitFor();
  await chloe.check('hours with a service that was ordered');
  await chloe.leave();
  const amine = await personAt(await town.desk('amine'));
  await amine.page.locator('#standing').filter({ hasText: /^hors service, reprise .* · d’astreinte jusqu’à .*08:00/ }).waitFor();
  await amine.open('/me/hours');
  await amine.sees(/D’astreinte pour Voirie nord/);
  await amine.check('hours with a turn on call');
  await amine.leave();
});
