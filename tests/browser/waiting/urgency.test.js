/**
 * In the evening nobody is at work: who may disturb whom, and who is asked next (scenarios B10, B11).
 *
 * One story: each test begins where the one before ended.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { day } from '../world/furnish.js';
import { appointSecond, setHours } from '../world/hours.js';
import { awayFromNow, moment } from '../world/moments.js';
import { enrol } from '../world/newcomers.js';
import { PEOPLE, TEAM, Town } from '../world/town.js';

const TEXT = 'Arbre tombé sur la ligne, route de Vaux.';
const REASON = 'Sécurité des personnes.';
const PAUL = { agent: 5, name: 'Paul Roux', serial: 'S5' };

let town;
let lea;
let amine;
let chloe;

before(async () => {
  town = await Town.build();
  await enrol(town, 'paul', PAUL);
  await appointSecond(town);
  const shifts = town.folder('shifts.csv');
  const turn = (agent, place) => `${agent},${day(-1)} 00:00,${day(3)} 00:00,astreinte,${TEAM},${place}\n`;
  await writeFile(shifts, `agent,début,fin,type,équipe,rang\n${turn(PEOPLE.amine.agent, 1)}${turn(PAUL.agent, 2)}`);
  await town.run('admin', 'admin', 'shifts', shifts);
  for (const [who, { agent }] of Object.entries({ amine: PEOPLE.amine, chloe: PEOPLE.chloe, paul: PAUL })) {
    await town.run(who, 'threads', '--sync', '2');
    await setHours(town, agent, awayFromNow());
  }
  lea = await personAt(await town.desk('lea'));
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

async function inTeam(person) {
  await person.open('/conversations');
  await person.click('link', new RegExp(TEAM));
  await person.find('textbox', person.say('web-message')).waitFor();
}

/** Fills in the form up to the look at whom it would reach. */
async function declare(person) {
  await person.paste(person.say('web-message'), TEXT);
  await person.page.getByRole('radio').first().check();
  await person.paste(person.say('web-urgent-reason'), REASON);
  await person.page.getByLabel(person.say('web-urgent-until')).fill(moment(120));
  await person.page.getByLabel(person.say('web-urgent-minutes')).fill('1');
  await person.click('button', person.say('web-urgent-check'));
  await person.click('button', person.say('web-urgent-send'));
}

test('b10_without_the_right_there_is_no_way_to_an_urgency_and_a_form_that_is_sent_all_the_same_is_refused', async () => {
  await inTeam(lea);
  assert.equal(await lea.find('link', lea.say('web-urgent')).count(), 0);
  await lea.open(`${new URL(lea.page.url()).pathname}/urgent`);
  await declare(lea);
  await lea.find('alert').waitFor();
  await lea.check('an urgency that is refused');
  assert.equal(await lea.find('textbox', lea.say('web-message')).inputValue(), TEXT, 'nothing that was typed is lost');
  await inTeam(lea);
  assert.equal(await lea.message(TEXT).count(), 0);
});

test('b10_with_the_right_it_reaches_who_is_on_call_and_nobody_else_off_duty', async () => {
  await town.run('admin', 'admin', 'urgency-right', String(PEOPLE.lea.agent));
  [amine, chloe] = [await personAt(await town.desk('amine')), await personAt(await town.desk('chloe'))];
  await inTeam(amine);
  await inTeam(chloe);
  await inTeam(lea);
  await lea.click('link', lea.say('web-urgent'));
  await declare(lea);
  await lea.sees(lea.say('web-urgent-written'));
  await amine.message(TEXT).getByRole('button', { name: amine.say('web-urgent-answer') }).waitFor();
  await amine.message(TEXT).getByText(REASON).waitFor();
  await amine.check('an urgency for who is on call');
  assert.equal(await chloe.message(TEXT).count(), 0);
});

test('b11_who_does_not_answer_is_followed_by_the_next_of_the_rota_and_the_author_sees_who_goes', async () => {
  const paul = await personAt(await town.desk('paul'));
  await inTeam(paul);
  const answer = paul.message(TEXT).getByRole('button', { name: paul.say('web-urgent-answer') });
  await answer.waitFor({ timeout: 90_000 });
  await answer.click();
  await paul.sees(paul.say('urgent-responded'));
  const terms = lea.message(TEXT).locator('.terms');
  await terms.getByText(new RegExp(`${PEOPLE.amine.name} · appelé`)).waitFor();
  await terms.getByText(new RegExp(`${PAUL.name} · a répondu`)).waitFor();
  assert.equal(await chloe.message(TEXT).count(), 0, 'who is not on call has still nothing');
});
