/**
 * A second administrator comes by the screens, and both name people by turns.
 *
 * One story: each test begins where the one before ended.
 */
import { test } from 'node:test';
import { checkHere, choosePassphrase, giveTicket } from '../world/beginner.js';
import { personAt } from '../world/browser.js';
import { inTown } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

const SECOND = 'Inès Petit-Étienne';
const RENAMED = 'Chloé Ñuñez-Roy';
const [MADE, MADE_LATER] = ['Espaces verts', 'Piscine'];

let town;
let zoe;
let ines;
let ticket;

inTown(async (built) => {
  town = built;
  zoe = await personAt(await town.desk('admin'), { width: 1280 });
});

test('an_administrator_who_is_alone_is_told_so_and_a_ticket_needs_a_name_and_a_serial_number', async () => {
  await zoe.open('/admin');
  await zoe.click('link', new RegExp(`^${zoe.say('web-administrators')}`));
  await zoe.sees(zoe.say('web-administrators-one'));
  await zoe.paste(zoe.say('web-administrators-name'), ' ');
  await zoe.paste(zoe.say('web-administrators-serial'), 'PC-8');
  await zoe.click('button', zoe.say('web-administrators-now'));
  await zoe.find('alert').waitFor();
  await zoe.find('textbox', zoe.say('web-administrators-serial')).and(zoe.page.locator('[value="PC-8"]')).waitFor();
  await zoe.paste(zoe.say('web-administrators-name'), SECOND);
  await zoe.click('button', zoe.say('web-administrators-now'));
  ticket = await zoe.page.locator('section.ticket').filter({ hasText: SECOND }).locator('.code').innerText();
  await checkHere(zoe, 'administrator-ticket');
});

test('the_second_one_joins_with_it_and_administers_once_the_first_has_approved', async () => {
  ines = await personAt(await town.desk('ines', { asks: true }), { width: 1280 });
  await ines.click('link', new RegExp(ines.say('web-begin-join')));
  await giveTicket(ines, ticket);
  await choosePassphrase(ines, 'web-join-now');
  await ines.page.waitForURL('**/waiting');
  await zoe.open('/admin/approvals');
  await zoe.page.locator('section.card').filter({ hasText: SECOND }).getByRole('button', { name: zoe.say('web-approve-same') }).click();
  await zoe.sees(zoe.say('web-approvals-none'));
  await ines.page.waitForURL('**/conversations');
  await ines.open('/admin/administrators');
  await ines.sees(SECOND);
  await ines.find('heading', ines.say('web-administrators')).waitFor();
  await ines.page.getByText(ines.say('web-administrators-one')).waitFor({ state: 'detached' });
});

/** Imports a directory of one line that is right about a name. */
async function rename(person, agent, name) {
  await person.open('/admin/import');
  await person.paste(person.say('web-import-content'), `agent,name\n${agent},${name}\n`);
  await person.page.getByRole('checkbox').check();
  await person.click('button', person.say('web-import-look'));
  await person.click('button', person.say('web-import-send'));
  await person.sees(person.say('web-import-done'));
}

async function make(person, team) {
  await person.open('/admin/teams');
  await person.paste(person.say('web-team-name'), team);
  await person.click('button', person.say('web-team-make'));
  await person.sees(team);
}

/** Looks again until what the other has done is there. */
async function seesSoon(person, text) {
  for (let look = 0; look < 40 && !(await person.readable()).includes(text); look += 1) {
    await person.page.waitForResponse(() => true, { timeout: 250 }).catch(() => {});
    await person.page.reload();
  }
  await person.sees(text);
}

test('what_one_of_them_names_the_other_has_and_keeps', async () => {
  await rename(ines, PEOPLE.chloe.agent, RENAMED);
  await make(zoe, MADE);
  const amine = await personAt(await town.desk('amine'));
  await amine.click('link', new RegExp(TEAM));
  await amine.open(`${new URL(amine.page.url()).pathname}/settings`);
  await seesSoon(amine, RENAMED);
  await amine.leave();
  await zoe.open('/admin/devices');
  await seesSoon(zoe, RENAMED);
  await ines.open('/admin/teams');
  await seesSoon(ines, MADE);
  await make(ines, MADE_LATER);
  await ines.open('/admin/teams');
  for (const team of [TEAM, MADE, MADE_LATER]) await ines.sees(team);
  await zoe.open('/admin/teams');
  await seesSoon(zoe, MADE_LATER);
  await zoe.sees(TEAM);
});
