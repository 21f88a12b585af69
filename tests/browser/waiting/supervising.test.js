/** A supervisor's screens: the team, reminders, statistics (scenarios B1, B4, B12). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { appointSecond, setHours } from '../world/hours.js';
import { awayFromNow, moment } from '../world/moments.js';
import { PEOPLE, TEAM, Town } from '../world/town.js';

const TEXT = 'Niveau du Lavoir à relever avant midi.';
/** A form knows whole minutes: this much is left at least before the one that is named. */
const ROOM = 20_000;

let town;
let lea;
let amine;
let chloe;

before(async () => {
  town = await Town.build();
  await appointSecond(town);
  lea = await personAt(await town.desk('lea'));
  amine = await personAt(await town.desk('amine'));
  chloe = await personAt(await town.desk('chloe'));
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

/** How somebody's page says that the relay has reminded them. */
const reminder = (person) => person.page.locator('.announcement').filter({ hasText: TEXT }).getByText(person.say('web-reminded'));

test('b4_the_reminder_goes_to_who_has_not_acknowledged_and_to_nobody_else', async () => {
  await lea.click('link', lea.say('web-announcements'));
  await lea.click('link', lea.say('web-announce'));
  await lea.page.getByRole('checkbox', { name: TEAM }).check();
  await lea.paste(lea.say('web-announcement-text'), TEXT);
  // Half of what is left before the deadline has passed when the relay reminds.
  await lea.page.getByLabel(lea.say('web-due')).fill(moment(1, Date.now() + ROOM));
  await lea.click('button', lea.say('web-preview'));
  await lea.click('button', lea.say('web-announce-now'));
  for (const person of [amine, chloe]) await person.click('link', new RegExp(`^${person.say('web-announcements')}`));
  await amine.click('button', amine.say('action-acknowledge'));
  await amine.sees(amine.say('web-acknowledged'));
  assert.equal(await reminder(chloe).count(), 0, 'not yet');
  await reminder(chloe).waitFor({ timeout: 60_000 });
  await chloe.check('an announcement with a reminder');
  await amine.open('/announcements');
  await amine.page.locator('.announcement').filter({ hasText: TEXT }).waitFor();
  assert.equal(await reminder(amine).count(), 0);
});

test('b1_the_dashboard_names_who_is_on_duty_and_only_counts_who_is_not', async () => {
  await setHours(town, PEOPLE.chloe.agent, awayFromNow());
  await lea.click('link', lea.say('web-team'));
  const count = (words) => lea.page.locator('.counts div').filter({ hasText: words }).locator('dd');
  await count(lea.say('duty-off')).filter({ hasText: /^1$/ }).waitFor();
  assert.equal(await count(lea.say('duty-on')).innerText(), '2');
  const named = await lea.page.locator('.members li').allInnerTexts();
  assert.deepEqual(named.map((line) => line.split(' · ')[0]).sort(), [PEOPLE.amine.name, PEOPLE.lea.name]);
  await lea.check('a team with somebody off duty');
});

test('b12_of_a_month_that_is_over_nothing_is_told_of_fewer_than_ten_people', async () => {
  await lea.click('link', lea.say('web-me'));
  await lea.click('link', new RegExp(lea.say('web-statistics')));
  const now = moment();
  const [year, month] = [Number(now.slice(0, 4)), Number(now.slice(5, 7))];
  const over = month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, '0')}`;
  await lea.page.getByLabel(lea.say('web-month')).fill(over);
  await lea.click('button', lea.say('web-show'));
  await lea.page.getByRole('table').waitFor();
  await lea.sees(/moins de 10 personnes/);
  await lea.check('statistics of a month');
});
