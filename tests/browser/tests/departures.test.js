/**
 * An agent leaves: the account ends by the screens, and what they wrote stays (scenario C10).
 *
 * One story: each test begins where the one before ended.
 */
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { inTeam, inTown } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

const SAID = 'La clé du dépôt est chez la gardienne.';

let town;
let admin;

inTown(async (built) => {
  town = built;
  await town.write('lea', SAID);
  admin = await personAt(await town.desk('admin'));
});

async function choose(name) {
  await admin.open('/admin');
  await admin.click('link', new RegExp(`^${admin.say('departures')}`));
  await admin.page.getByLabel(admin.say('departures-who')).selectOption({ label: name });
  await admin.click('button', admin.say('departures-look'));
}

test('c10_before_it_ends_an_account_the_page_says_what_ends_with_it_and_changes_nothing', async () => {
  await choose(PEOPLE.lea.name);
  await admin.sees(/Un appareil sera coupé/);
  await admin.sees(new RegExp(`Plus personne ne dirigera.*${TEAM}`));
  await admin.check('a departure that is looked at');
  await admin.click('link', admin.say('departures-not'));
  await admin.page.getByLabel(admin.say('departures-who')).getByRole('option', { name: PEOPLE.lea.name }).waitFor({ state: 'attached' });
});

test('c10_the_account_ends_its_device_is_wiped_and_the_team_without_a_lead_is_named', async () => {
  const lea = await personAt(await town.desk('lea'));
  await inTeam(lea);
  await choose(PEOPLE.lea.name);
  await admin.click('button', admin.say('departures-now'));
  await admin.sees(/1 appareil coupé/);
  await admin.sees(new RegExp(TEAM));
  await admin.check('a departure');
  await lea.sees(/a été effacé/);
  await lea.leave();
  const left = admin.page.getByLabel(admin.say('departures-who')).getByRole('option', { name: PEOPLE.lea.name });
  await left.waitFor({ state: 'detached' });
});

test('c10_what_whoever_left_wrote_stays_readable_with_the_name', async () => {
  const amine = await personAt(await town.desk('amine'));
  await inTeam(amine);
  await amine.message(SAID).waitFor();
  await amine.page.locator('.message').filter({ hasText: SAID }).locator('.author', { hasText: PEOPLE.lea.name }).waitFor();
  await amine.leave();
});
