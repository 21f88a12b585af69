/** A supervisor announces, an agent reads and acknowledges, all through the screens (scenarios A4, B2, B3, B5). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { PEOPLE, TEAM, Town } from '../world/town.js';

const FIRST = 'Route de Vaux barrée de 8 h à 12 h.';
const SECOND = 'Route de Vaux barrée de 8 h à 14 h.';
const THIRD = 'Route de Vaux rouverte.';
const LEVEL = 'Niveau du lavoir à relever.';
const BLANK = ' \n  \n';

let town;
let lea;
let amine;

before(async () => {
  town = await Town.build();
  lea = await personAt(await town.desk('lea'));
  amine = await personAt(await town.desk('amine'));
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

/** The announcement with this text, on a list. */
const announcement = (person, text) => person.page.locator('.announcement').filter({ hasText: text });

test('a_supervisor_sees_who_would_receive_before_anything_leaves', async () => {
  await lea.click('link', lea.say('web-announcements'));
  await lea.click('link', lea.say('web-announce'));
  await lea.page.getByRole('checkbox', { name: TEAM }).check();
  await lea.paste(lea.say('web-announcement-text'), FIRST);
  await lea.page.getByLabel(lea.say('web-due')).fill(town.moment(60));
  await lea.click('button', lea.say('web-preview'));
  await lea.sees(lea.say('web-preview-title'));
  await lea.check('the preview of an announcement');
  await amine.click('link', amine.say('web-announcements'));
  await amine.sees(amine.say('web-no-announcement'));
  await lea.click('button', lea.say('web-announce-now'));
  await lea.sees(lea.say('web-announced'));
});

test('a_text_of_which_nothing_is_seen_is_refused_in_words_and_choices_stay', async () => {
  await lea.click('link', lea.say('web-announce'));
  await lea.page.getByRole('checkbox', { name: TEAM }).check();
  await lea.paste(lea.say('web-announcement-text'), BLANK);
  await lea.page.getByLabel(lea.say('web-replies-open')).check();
  await lea.click('button', lea.say('web-preview'));
  await lea.find('alert').getByText('Ce texte est vide').waitFor();
  assert.equal(await lea.find('button', lea.say('web-announce-now')).count(), 0);
  assert.ok(await lea.page.getByLabel(lea.say('web-replies-open')).isChecked(), 'nothing that was chosen is lost');
  await lea.check('an announcement without a text');
  await lea.click('link', lea.say('web-back-to-announcements'));
});

test('an_agent_is_asked_and_acknowledges_and_the_supervisors_open_page_says_so', async () => {
  await announcement(amine, FIRST).waitFor();
  await amine.sees(amine.say('web-asked-of-you'));
  await announcement(lea, FIRST).getByRole('link').last().click();
  await amine.click('button', amine.say('action-acknowledge'));
  await amine.sees(amine.say('web-acknowledged'));
  await amine.check('an announcement that was acknowledged');
  const row = lea.page.getByRole('row').filter({ hasText: PEOPLE.amine.name });
  await row.filter({ hasText: lea.say('action-acknowledge') }).waitFor();
  await lea.check('how far an announcement is');
});

test('b5_a_correction_of_the_text_alone_asks_again_who_had_acknowledged_and_the_first_version_stays_struck', async () => {
  const due = lea.page.getByLabel(lea.say('web-due'));
  const wanted = await due.inputValue();
  assert.match(wanted, /^\d{4}-\d\d-\d\dT\d\d:\d\d$/, 'the deadline that stands');
  await lea.paste(lea.say('web-announcement-text'), SECOND);
  await lea.click('button', lea.say('web-correct-now'));
  await lea.sees(lea.say('web-corrected'));
  assert.equal(await due.inputValue(), wanted);
  await announcement(amine, SECOND).getByRole('button', { name: amine.say('action-acknowledge') }).waitFor();
  assert.equal(await amine.page.locator('del').filter({ hasText: FIRST }).count(), 1);
  await amine.check('a corrected announcement');
});

test('an_hour_later_the_table_says_who_is_late_and_when_the_reminder_went', async () => {
  const asked = lea.page.getByText(lea.say('desk-announcement-asked'));
  await asked.waitFor();
  await lea.sees(lea.say('web-reminder-will'));
  await town.goOn(120);
  await lea.page.reload();
  await lea.sees(lea.say('web-reminder-went'));
  await lea.sees(lea.say('web-was-asked'));
  assert.equal(await asked.count(), 0);
  const late = lea.page.getByRole('row').filter({ hasText: lea.say('web-late') });
  assert.deepEqual((await late.getByRole('rowheader').allInnerTexts()).sort(), [PEOPLE.amine.name, PEOPLE.chloe.name]);
  const count = lea.page.locator('.counts div').filter({ hasText: lea.say('web-late') }).locator('dd');
  assert.equal(await count.innerText(), '2');
  await lea.check('an announcement whose time has passed');
});

test('a_correction_after_its_deadline_wants_a_new_one_or_says_that_nobody_is_asked', async () => {
  await lea.sees(lea.say('web-correct-due-over'));
  await lea.paste(lea.say('web-announcement-text'), THIRD);
  await lea.click('button', lea.say('web-correct-now'));
  await lea.find('alert').getByText(lea.say('web-correct-choose-due')).waitFor();
  assert.equal(await lea.find('textbox', lea.say('web-announcement-text')).inputValue(), THIRD, 'nothing typed is lost');
  await lea.check('a correction that leaves the deadline out');
  await lea.page.getByRole('checkbox', { name: lea.say('web-correct-unasked') }).check();
  await lea.click('button', lea.say('web-correct-now'));
  await lea.sees(lea.say('web-corrected'));
  await announcement(amine, THIRD).waitFor();
  assert.equal(await announcement(amine, THIRD).getByRole('button', { name: amine.say('action-acknowledge') }).count(), 0);
  assert.equal(await lea.page.getByText(lea.say('web-reminder-will')).count(), 0, 'where nobody is asked nobody is reminded');
  assert.equal(await lea.page.getByText(lea.say('web-reminder-went')).count(), 0);
});

test('choices_that_were_changed_after_the_preview_are_shown_again_before_anything_leaves', async () => {
  await lea.click('link', lea.say('web-back-to-announcements'));
  await lea.click('link', lea.say('web-announce'));
  await lea.page.getByRole('checkbox', { name: TEAM }).check();
  await lea.paste(lea.say('web-announcement-text'), LEVEL);
  await lea.click('button', lea.say('web-preview'));
  await lea.page.getByLabel(lea.say('web-due')).fill(town.moment(90));
  await lea.click('button', lea.say('web-announce-now'));
  await lea.find('alert').getByText(lea.say('web-preview-changed')).waitFor();
  await lea.check('a preview of changed choices');
  assert.equal(await announcement(amine, LEVEL).count(), 0);
  await lea.click('button', lea.say('web-announce-now'));
  await lea.sees(lea.say('web-announced'));
  await announcement(amine, LEVEL).getByRole('button', { name: amine.say('action-acknowledge') }).waitFor();
});

test('an_agent_who_may_not_announce_is_told_so_and_finds_no_way_there', async () => {
  assert.equal(await amine.find('link', amine.say('web-announce')).count(), 0);
  await amine.open('/announcements/new');
  assert.equal(await amine.find('button', amine.say('web-announce-now')).count(), 0);
  await amine.check('an announcement that is not allowed');
});
