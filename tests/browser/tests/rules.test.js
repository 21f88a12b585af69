/**
 * What binds people takes two: one administrator proposes on their computer, another decides on theirs; both by
 * clicking (scenario C7).
 *
 * One story: each test begins where the one before ended.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { appointSecond } from '../world/hours.js';
import { inTown } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

const WEEK = 'lun-ven 08:00-12:00 13:30-17:00';
const PHONE = `agent,nom,équipe,plateforme,modèle,numéro de série
${PEOPLE.chloe.agent},${PEOPLE.chloe.name},${TEAM},android,Pixel 9a,S44
`;
const WHY = 'Écran changé par un réparateur.';
const NEW = 'Espaces verts';

let town;
let zoe;
let ines;
let amine;
let chloe;

inTown(async (built) => {
  town = built;
  await appointSecond(town);
  await town.goTo('10:00');
  zoe = await personAt(await town.desk('admin'), { width: 1280 });
  ines = await personAt(await town.desk('ines'), { width: 1280 });
  amine = await personAt(await town.desk('amine'));
  chloe = await personAt(await town.desk('chloe'));
});

/** To a place of the administration. */
async function go(person, id) {
  await person.find('navigation').getByRole('link', { name: person.say('web-administration') }).click();
  await person.page.locator('.doors a').filter({ has: person.page.getByText(person.say(id), { exact: true }) }).click();
}

/** The proposals that somebody sees among the rules. */
const proposals = (person) => person.page.getByRole('note');

/** Inès finds the one proposal that waits, and decides. */
async function decide(words, id) {
  await go(ines, 'web-rules');
  await proposals(ines).filter({ hasText: words }).getByRole('button', { name: ines.say(id) }).click();
}

/** Writes hours and has them looked at. */
async function look(scope, week) {
  await go(zoe, 'web-hours-editor');
  await zoe.page.getByLabel(zoe.say('web-hours-for')).selectOption({ label: scope });
  await zoe.page.getByLabel(zoe.say('web-hours-week')).fill(week);
  await zoe.click('button', zoe.say('web-hours-look'));
  await zoe.page.locator('.verdict').waitFor();
}

const standing = (words) => amine.page.locator('#standing').filter({ hasText: words });

test('c7_hours_that_leave_too_little_rest_are_refused_with_the_reason_and_cannot_be_proposed', async () => {
  await look(TEAM, 'lun-dim 06:00-23:00');
  await zoe.sees(zoe.say('web-verdict-refuse'));
  assert.ok((await zoe.page.locator('.verdict li').count()) > 0, 'each floor that is broken is named');
  assert.equal(await zoe.find('button', zoe.say('web-hours-propose')).count(), 0);
  assert.equal(await zoe.page.getByLabel(zoe.say('web-hours-week')).inputValue(), 'lun-dim 06:00-23:00');
});

test('c7_who_would_receive_on_sunday_evening_is_seen_before_hours_are_proposed', async () => {
  await look(TEAM, WEEK);
  await zoe.sees(zoe.say('web-verdict-fine'));
  assert.match(await zoe.page.getByLabel(zoe.say('web-hours-at')).inputValue(), /T22:00$/);
  const who = zoe.page.locator('section[aria-labelledby="who"]');
  await who.getByText(/dimanche .* 22:00/).first().waitFor();
  assert.deepEqual(await who.locator('.counts dd').allInnerTexts(), ['0', '0', '3']);
  await zoe.check('hours before they are proposed');
});

test('hours_that_were_changed_after_the_look_are_looked_at_again_before_they_are_proposed', async () => {
  await zoe.page.getByLabel(zoe.say('web-hours-for')).selectOption({ label: 'Toute l’organisation' });
  await zoe.click('button', zoe.say('web-hours-propose'));
  await zoe.find('alert').getByText(zoe.say('web-preview-changed')).waitFor();
  const counts = zoe.page.locator('section[aria-labelledby="who"] .counts dd');
  assert.deepEqual(await counts.allInnerTexts(), ['0', '0', '5'], 'everybody, and not the team alone');
  await zoe.check('hours that were changed after the look');
  await look(TEAM, WEEK);
});

test('c7_hours_change_nothing_until_another_administrator_approves_them_and_then_do_everywhere', async () => {
  await zoe.click('button', zoe.say('web-hours-propose'));
  await zoe.sees(zoe.say('web-proposal-waits'));
  assert.equal(await proposals(zoe).getByRole('button', { name: zoe.say('web-approve') }).count(), 0, 'not one’s own');
  await proposals(zoe).getByRole('button', { name: zoe.say('web-take-back') }).waitFor();
  await standing(/^en service · /).waitFor();
  await go(ines, 'web-rules');
  await proposals(ines).getByText(ines.say('web-verdict-fine')).waitFor();
  await proposals(ines).getByText(/dimanche .* 22:00\u00a0: personne ne recevrait\./).waitFor();
  await ines.check('a rule that waits for a second person');
  await decide(WEEK, 'web-approve');
  await ines.sees(ines.say('policy-approved'));
  await standing('en service jusqu’à 12:00').waitFor();
  await proposals(zoe).waitFor({ state: 'detached' });
  await zoe.page.locator('ul.facts li').filter({ hasText: WEEK }).filter({ hasText: 'Inès Petit' }).waitFor();
});

test('c7_a_proposal_that_is_refused_changes_nothing', async () => {
  await look('Toute l’organisation', 'lun-ven 09:00-16:00');
  await zoe.click('button', zoe.say('web-hours-propose'));
  await proposals(zoe).waitFor();
  await decide('09:00-16:00', 'web-refuse');
  await ines.sees(ines.say('policy-refused'));
  for (const person of [zoe, ines]) await proposals(person).waitFor({ state: 'detached' });
  assert.ok(!(await ines.page.locator('ul.facts').innerText()).includes('09:00-16:00'));
});

test('c7_who_has_proposed_takes_it_back_and_nobody_can_approve_it_any_more', async () => {
  await look('Toute l’organisation', 'lun-ven 09:00-15:00');
  await zoe.click('button', zoe.say('web-hours-propose'));
  await go(ines, 'web-rules');
  await proposals(ines).filter({ hasText: '09:00-15:00' }).waitFor();
  await proposals(zoe).getByRole('button', { name: zoe.say('web-take-back') }).click();
  await zoe.sees(zoe.say('policy-refused'));
  await proposals(ines).waitFor({ state: 'detached' });
});

test('c7_a_mandate_takes_two_and_a_right_to_urgency_one', async () => {
  const part = (id) => zoe.find('region', zoe.say(id));
  await go(zoe, 'web-rights');
  await part('web-right-urgency').getByRole('combobox').selectOption({ label: PEOPLE.lea.name });
  await part('web-right-urgency').getByRole('button', { name: zoe.say('web-right-give') }).click();
  await part('web-right-urgency').getByRole('listitem').filter({ hasText: PEOPLE.lea.name }).waitFor();
  await part('web-right-representative').getByRole('combobox').selectOption({ label: PEOPLE.chloe.name });
  await part('web-right-representative').getByRole('button', { name: zoe.say('web-right-propose') }).click();
  await zoe.sees(zoe.say('web-proposal-waits'));
  await go(zoe, 'web-rights');
  assert.equal(await part('web-right-representative').getByRole('listitem').count(), 0, 'not yet');
  await decide(PEOPLE.chloe.name, 'web-approve');
  await ines.sees(ines.say('policy-approved'));
  await go(zoe, 'web-rights');
  await part('web-right-representative').getByRole('listitem').filter({ hasText: PEOPLE.chloe.name }).waitFor();
});

test('c7_a_team_is_made_joined_and_led_and_its_supervisor_finds_their_place_until_they_lead_no_more', async () => {
  await go(zoe, 'web-teams-all');
  await zoe.paste(zoe.say('web-team-name'), NEW);
  await zoe.click('button', zoe.say('web-team-make'));
  await zoe.sees(zoe.say('web-team-made'));
  await zoe.sees(zoe.say('web-team-empty'));
  await zoe.page.getByLabel(zoe.say('web-team-who-comes')).selectOption({ label: PEOPLE.chloe.name });
  await zoe.click('button', zoe.say('web-team-add-now'));
  await zoe.page.locator('.facts li').filter({ hasText: PEOPLE.chloe.name }).waitFor();
  await zoe.page.getByLabel(zoe.say('web-team-who-leads')).selectOption({ label: PEOPLE.chloe.name });
  await zoe.click('button', zoe.say('web-team-appoint-now'));
  await zoe.sees(zoe.say('web-team-leads'));
  await zoe.check('a team with its supervisor');
  await chloe.open('/conversations');
  await chloe.find('link', new RegExp(NEW)).waitFor();
  await chloe.click('link', chloe.say('web-team'));
  await chloe.find('heading', NEW).waitFor();
  await zoe.find('button', `${zoe.say('web-team-end-lead')} ${PEOPLE.chloe.name}`).click();
  await zoe.sees(zoe.say('web-team-changed'));
  await chloe.find('navigation').getByRole('link', { name: chloe.say('web-team') }).waitFor({ state: 'detached' });
});

test('c7_a_phone_without_proof_is_excepted_by_two_with_a_reason_and_a_last_day', async () => {
  await go(zoe, 'web-exceptions');
  await zoe.sees(zoe.say('web-exception-no-phone'));
  await go(zoe, 'web-import');
  await zoe.paste(zoe.say('web-import-content'), PHONE);
  await zoe.click('button', zoe.say('web-import-look'));
  await zoe.click('button', zoe.say('web-import-send'));
  await zoe.sees(zoe.say('web-import-done'));
  await go(zoe, 'web-exceptions');
  await zoe.page.getByLabel(zoe.say('web-exception-phone-of')).selectOption({ label: PEOPLE.chloe.name });
  await zoe.page.getByLabel(zoe.say('web-urgent-reason')).fill(WHY);
  const until = zoe.page.getByLabel(zoe.say('web-exception-until'));
  await until.fill(town.moment(-24 * 60).slice(0, 10));
  await zoe.click('button', zoe.say('web-exception-propose'));
  await zoe.find('alert').getByText(zoe.say('desk-exception-past')).waitFor();
  assert.equal(await zoe.page.getByLabel(zoe.say('web-urgent-reason')).inputValue(), WHY, 'nothing typed is lost');
  await until.fill(town.moment(30 * 24 * 60).slice(0, 10));
  await zoe.click('button', zoe.say('web-exception-propose'));
  await zoe.sees(zoe.say('web-proposal-waits'));
  await decide(WHY, 'web-approve');
  await ines.sees(ines.say('policy-approved'));
  await go(zoe, 'web-exceptions');
  await zoe.page.locator('.facts li').filter({ hasText: PEOPLE.chloe.name }).filter({ hasText: WHY })
    .getByText(zoe.say('web-exception-ends')).waitFor();
  await zoe.check('an exception that stands');
});
