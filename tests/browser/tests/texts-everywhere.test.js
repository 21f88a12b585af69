/**
 * Whatever is typed into any field is shown as it was typed and does nothing: announcements, urgencies, reasons,
 * notes, answers, edits, plannings, names of administrators, words of a recovery sheet, imported names and teams.
 * What hostile-texts.test.js looks at is not looked at again.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copySheet } from '../world/beginner.js';
import { personAt } from '../world/browser.js';
import { layoutFaultsOf } from '../world/check-page.js';
import { appointSecond } from '../world/hours.js';
import { announcement, inTeam, inTown, send } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

/** Each would do something if it were ever taken for more than text. */
const TEXTS = [
  '<script>document.title = "taken"</script>',
  '"><img src=x onerror=alert(1)>',
  '</textarea></title></style><svg onload=alert(1)><b>gras</b>',
];
const LONG = TEXTS.join('\n');
/** In one line. */
const [SCRIPT, IMAGE, CLOSING] = TEXTS;
/** For names, that are short. */
const NAME = 'Zoé <b onclick=alert(1)>"\'& مغلق';

let town;
const people = {};

inTown(async (built) => {
  town = built;
  await appointSecond(town);
  await town.run('admin', 'admin', 'urgency-right', String(PEOPLE.lea.agent));
  for (const who of ['admin', 'lea', 'amine']) {
    const person = await personAt(await town.desk(who), { width: who === 'admin' ? 1280 : 320 });
    person.page.on('dialog', (dialog) => assert.fail(`a dialog: ${dialog.message()}`));
    people[who] = person;
  }
});

/** Nothing was run, asked for, drawn or laid out wrongly. */
async function harmless(person, screen) {
  assert.ok(!(await person.page.title()).includes('taken'), screen);
  const drawn = person.page.locator('main').locator('script, b, img[src=x], [onclick], [onload], [onerror]');
  assert.equal(await drawn.count(), 0, screen);
  assert.deepEqual([...person.complaints(), ...(await layoutFaultsOf(person.page))], [], screen);
}

/** A text stands on the page, sign by sign. */
async function shown(place, text) {
  await place.first().waitFor();
  const found = await place.evaluateAll((elements) => elements.map((element) => element.textContent));
  assert.ok(found.some((content) => content.includes(text)), `${text}\n${found.join('\n')}`);
}

test('an_announcement_its_preview_its_correction_and_both_in_the_receivers_eyes', async () => {
  const { lea, amine } = people;
  await lea.open('/announcements/new');
  await lea.page.getByRole('checkbox', { name: TEAM }).check();
  await lea.paste(lea.say('web-announcement-text'), LONG);
  await lea.page.getByLabel(lea.say('web-due')).fill(town.moment(120));
  await lea.click('button', lea.say('web-preview'));
  await lea.find('button', lea.say('web-announce-now')).waitFor();
  assert.equal(await lea.find('textbox', lea.say('web-announcement-text')).inputValue(), LONG);
  await harmless(lea, 'the preview of a hostile announcement');
  await lea.click('button', lea.say('web-announce-now'));
  await shown(announcement(lea, SCRIPT).locator('.body'), LONG);
  await announcement(lea, SCRIPT).locator('.foot').getByRole('link').click();
  await lea.paste(lea.say('web-announcement-text'), CLOSING);
  await lea.page.getByLabel(lea.say('web-due')).fill(town.moment(120));
  await lea.click('button', lea.say('web-correct-now'));
  await lea.sees(lea.say('web-corrected'));
  await harmless(lea, 'how far a hostile announcement is');
  await amine.open('/announcements');
  await announcement(amine, CLOSING).getByRole('button', { name: amine.say('action-acknowledge') }).waitFor();
  await shown(amine.page.locator('.announcement del .body'), LONG);
  await harmless(amine, 'a hostile announcement and its correction');
  await announcement(amine, CLOSING).getByRole('button', { name: amine.say('web-answer-issuer') }).first().click();
  await shown(amine.page.locator('.composer .quoted'), CLOSING);
  await harmless(amine, 'an answer that quotes a hostile announcement');
});

test('a_reply_an_edit_and_all_versions', async () => {
  const { amine } = people;
  await inTeam(amine);
  await send(amine, SCRIPT);
  await amine.message(SCRIPT).getByRole('link', { name: amine.say('web-reply') }).click();
  await shown(amine.page.locator('.composer .quoted'), SCRIPT);
  await amine.paste(amine.say('web-message'), IMAGE);
  await amine.click('button', amine.say('web-send'));
  await shown(amine.message(IMAGE).locator('.quoted'), SCRIPT);
  await amine.message(IMAGE).getByRole('link', { name: amine.say('web-more') }).click();
  await amine.paste(amine.say('web-edit'), LONG);
  await amine.click('button', amine.say('web-save'));
  await amine.sees(amine.say('desk-edited'));
  await shown(amine.page.locator('.message .body'), LONG);
  await amine.page.locator('.message').filter({ hasText: CLOSING }).getByRole('link', { name: amine.say('desk-is-edited') }).click();
  for (const text of [LONG, IMAGE]) await shown(amine.page.locator('.versions .body'), text);
  assert.equal(await amine.find('textbox', amine.say('web-edit')).inputValue(), LONG);
  await harmless(amine, 'the versions of a hostile message');
});

test('a_note_s_title_and_text', async () => {
  const { amine } = people;
  await inTeam(amine);
  await amine.click('link', amine.say('web-notes'));
  await amine.paste(amine.say('web-note-title'), IMAGE);
  await amine.click('button', amine.say('web-begin-note'));
  await amine.find('heading', IMAGE).waitFor();
  await amine.paste(amine.say('web-note-text'), LONG);
  await amine.click('button', amine.say('web-save'));
  await amine.sees(amine.say('web-note-saved'));
  assert.equal(await amine.find('textbox', amine.say('web-note-text')).inputValue(), LONG);
  await harmless(amine, 'a hostile note');
  await amine.find('main').getByRole('link', { name: amine.say('web-notes') }).click();
  await shown(amine.page.locator('ul.doors a'), IMAGE);
  await harmless(amine, 'a list of hostile notes');
});

test('the_title_of_a_conversation_of_several', async () => {
  const { lea, amine } = people;
  await lea.open('/conversations/new');
  await lea.page.getByLabel(lea.say('gather-name')).fill(IMAGE);
  await lea.find('checkbox', PEOPLE.amine.name).check();
  await lea.click('button', lea.say('gather-make'));
  await lea.find('heading', IMAGE).first().waitFor();
  await harmless(lea, 'a conversation with a hostile title');
  await amine.open('/conversations');
  await shown(amine.page.locator('.threads .title'), IMAGE);
  await harmless(amine, 'a list with a hostile title');
});

test('an_urgency_and_its_reason_a_derogation_s_and_what_everybody_reads_of_them', async () => {
  const { admin, lea, amine } = people;
  await inTeam(lea);
  await lea.click('link', lea.say('web-urgent'));
  await lea.paste(lea.say('web-message'), LONG);
  await lea.page.getByRole('radio').first().check();
  await lea.paste(lea.say('web-urgent-reason'), CLOSING);
  await lea.page.getByLabel(lea.say('web-urgent-until')).fill(town.moment(60));
  await lea.click('button', lea.say('web-urgent-check'));
  await lea.find('button', lea.say('web-urgent-send')).waitFor();
  assert.equal(await lea.find('textbox', lea.say('web-urgent-reason')).inputValue(), CLOSING);
  await harmless(lea, 'the preview of a hostile urgency');
  await lea.click('button', lea.say('web-urgent-send'));
  await lea.sees(lea.say('web-urgent-written'));
  await inTeam(amine);
  const urgent = amine.page.locator('.message.urgent');
  await shown(urgent.locator('.body'), LONG);
  await shown(urgent.locator('.terms'), CLOSING);
  await harmless(amine, 'a hostile urgency');
  await admin.open('/admin/derogations');
  await admin.page.getByLabel(admin.say('web-for-whom')).selectOption({ label: PEOPLE.amine.name });
  await admin.page.getByRole('radio').first().check();
  await admin.paste(admin.say('web-urgent-reason'), IMAGE);
  await admin.page.getByLabel(admin.say('derogate-until')).fill(town.moment(60));
  await admin.click('button', admin.say('derogate-now'));
  await shown(admin.find('main'), IMAGE);
  await shown(admin.find('main'), CLOSING);
  await harmless(admin, 'hostile reasons of derogations and urgencies');
});

test('the_reason_of_a_service_that_was_ordered', async () => {
  const { lea, amine } = people;
  await lea.open('/team');
  await lea.page.getByLabel(lea.say('web-for-whom')).selectOption({ label: PEOPLE.amine.name });
  await lea.page.getByLabel(lea.say('web-from'), { exact: true }).fill(town.moment(24 * 60));
  await lea.page.getByLabel(lea.say('web-until'), { exact: true }).fill(town.moment(25 * 60));
  await lea.paste(lea.say('web-urgent-reason'), SCRIPT);
  await lea.click('button', lea.say('web-duty-order'));
  await lea.sees(lea.say('web-duty-ordered'));
  await amine.open('/me/hours');
  await shown(amine.find('main'), SCRIPT);
  await harmless(amine, 'hours with a hostile reason');
});

test('a_planning_an_inventory_and_an_administrator_s_name', async () => {
  const { admin } = people;
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const day = town.moment(24 * 60).slice(0, 10);
  await admin.open('/admin/shifts');
  const planning = [
    'agent,début,fin,type,équipe,rang,motif',
    `3,${day} 18:00,${day} 20:00,service,,,${quoted(CLOSING)}`,
    `${quoted(SCRIPT)},x,y,${quoted(IMAGE)},,,`,
  ];
  await admin.paste(admin.say('web-import-content'), planning.join('\n'));
  await admin.click('button', admin.say('web-import-look'));
  await admin.sees(admin.say('web-import-would'));
  assert.equal(await admin.find('textbox', admin.say('web-import-content')).inputValue(), planning.join('\n'));
  await harmless(admin, 'a hostile planning');
  await admin.click('button', admin.say('web-shifts-send'));
  await admin.sees(admin.say('web-import-done'));
  await harmless(admin, 'a hostile planning that stands');
  await admin.open('/admin/import');
  const lines = [`7,${quoted(NAME)},${quoted(IMAGE)},computer,${quoted(SCRIPT)},S7`, `${quoted(SCRIPT)},${quoted(IMAGE)},,computer,PC,S8`];
  await admin.paste(admin.say('web-import-content'), `agent,name,team,platform,model,serial\n${lines.join('\n')}\n`);
  await admin.click('button', admin.say('web-import-look'));
  await admin.sees(admin.say('web-import-would'));
  await harmless(admin, 'a hostile import before it is made');
  await admin.click('button', admin.say('web-import-send'));
  await admin.sees(admin.say('web-import-done'));
  await harmless(admin, 'a hostile import');
  await admin.open('/admin/tickets');
  await shown(admin.find('main'), NAME);
  await admin.click('button', admin.say('web-tickets-make'));
  await shown(admin.page.locator('section.ticket'), NAME);
  await shown(admin.page.locator('section.ticket'), SCRIPT);
  await harmless(admin, 'a ticket with a hostile name and model');
  await admin.open('/admin/teams');
  await shown(admin.find('main'), IMAGE);
  await harmless(admin, 'teams with hostile names');
  await admin.paste(admin.say('web-team-name'), NAME);
  await admin.click('button', admin.say('web-team-make'));
  await admin.find('heading', NAME).waitFor();
  await harmless(admin, 'a team with a hostile name');
  await admin.open('/admin/devices');
  await admin.find('searchbox').fill(IMAGE);
  await admin.press('Enter');
  await shown(admin.find('main'), IMAGE);
  await harmless(admin, 'a hostile search for devices');
  await admin.open('/admin/administrators');
  await admin.paste(admin.say('web-administrators-name'), NAME);
  await admin.paste(admin.say('web-administrators-serial'), SCRIPT);
  await admin.click('button', admin.say('web-administrators-now'));
  await shown(admin.page.locator('section.ticket'), NAME);
  await harmless(admin, 'the ticket of an administrator with a hostile name');
});

test('the_reason_of_an_exception_for_a_phone', async () => {
  const { admin } = people;
  await admin.open('/admin/import');
  const phone = `4,${PEOPLE.chloe.name},${TEAM},android,Pixel 9a,S44`;
  await admin.paste(admin.say('web-import-content'), `agent,name,team,platform,model,serial\n${phone}\n`);
  await admin.click('button', admin.say('web-import-look'));
  await admin.click('button', admin.say('web-import-send'));
  await admin.sees(admin.say('web-import-done'));
  await admin.open('/admin/exceptions');
  await admin.page.getByLabel(admin.say('web-exception-phone-of')).selectOption({ label: PEOPLE.chloe.name });
  await admin.page.getByLabel(admin.say('web-urgent-reason')).fill(CLOSING);
  await admin.page.getByLabel(admin.say('web-exception-until')).fill(town.moment(30 * 24 * 60).slice(0, 10));
  await admin.click('button', admin.say('web-exception-propose'));
  await admin.sees(admin.say('web-proposal-waits'));
  await shown(admin.find('note'), CLOSING);
  await harmless(admin, 'a hostile exception that is proposed');
});

test('the_words_of_a_recovery_sheet_and_hours_that_nobody_can_read', async () => {
  const { admin } = people;
  await admin.open('/admin/hours');
  await admin.page.getByLabel(admin.say('web-hours-week')).fill(LONG);
  await admin.page.getByLabel(admin.say('web-hours-zone')).fill(SCRIPT);
  await admin.click('button', admin.say('web-hours-look'));
  await admin.find('alert').first().waitFor();
  assert.equal(await admin.page.getByLabel(admin.say('web-hours-week')).inputValue(), LONG);
  assert.equal(await admin.page.getByLabel(admin.say('web-hours-zone')).inputValue(), SCRIPT);
  await harmless(admin, 'hostile hours');
  const person = await personAt(await town.desk('newcomer', { asks: true }), { width: 320 });
  await person.open('/begin/recover');
  await copySheet(person, { words: LONG, relay: CLOSING, name: NAME });
  await person.find('alert').first().waitFor();
  assert.equal(await person.page.getByLabel(person.say('web-recover-words')).inputValue(), LONG);
  assert.equal(await person.page.getByLabel(person.say('web-recover-relay')).inputValue(), CLOSING);
  assert.equal(await person.page.getByLabel(person.say('web-create-agent-name')).inputValue(), NAME);
  await harmless(person, 'a hostile recovery sheet');
  await person.leave();
});
