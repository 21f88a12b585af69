/**
 * What people do with a message, a note and a conversation, each deed by its button, and what the others then see.
 *
 * Amine works until 17:00 and may prolong his service, Chloé may not.
 */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { personAt } from '../world/browser.js';
import { appointSecond, setHours } from '../world/hours.js';
import { inTeam, inTown, send } from '../world/story.js';
import { PEOPLE, TEAM } from '../world/town.js';

const [FIRST, SECOND, THIRD] = ['Vanne fermée rue des Lilas.', 'Qui passe au dépôt ?', 'Écrit par erreur.'];
const WEEK = 'lun-ven 08:00-17:00';

let town;
let amine;
let chloe;

inTown(async (built) => {
  town = built;
  await appointSecond(town);
  const [{ proposal }] = await town.run('admin', 'admin', 'hours', WEEK, '--prolongation', '--agent', String(PEOPLE.amine.agent),
    '--profile', 'interior-2002-1278');
  await town.run('ines', 'policy', 'approve', String(proposal), '--yes');
  await setHours(town, PEOPLE.chloe.agent, WEEK);
  await town.goTo('15:00');
  [amine, chloe] = await Promise.all(['amine', 'chloe'].map(async (who) => personAt(await town.desk(who))));
  await inTeam(amine);
  await inTeam(chloe);
});

/** Opens the page of a message, with everything that can be done to it. */
async function actions(person, text) {
  await inTeam(person);
  await person.message(text).getByRole('link', { name: person.say('web-more') }).click();
  await person.find('heading', /^Message écrit par/).waitFor();
}

/** The sign on a message, with who gave it. */
const sign = (person, text, words) => person.message(text).locator('.signs li').filter({ hasText: words });

test('a_reaction_is_seen_by_the_others_and_gone_once_it_is_withdrawn', async () => {
  await send(chloe, FIRST);
  await amine.message(FIRST).waitFor();
  await actions(amine, FIRST);
  assert.equal(await amine.find('button', amine.say('web-react-withdraw')).count(), 0);
  await amine.click('button', '👍');
  await amine.sees(amine.say('desk-reacted'));
  await sign(amine, FIRST, `👍 ${PEOPLE.amine.name}`).waitFor();
  await sign(chloe, FIRST, `👍 ${PEOPLE.amine.name}`).waitFor();
  await actions(amine, FIRST);
  await amine.click('button', amine.say('web-react-withdraw'));
  await amine.sees(amine.say('desk-reaction-withdrawn'));
  for (const person of [amine, chloe]) await sign(person, FIRST, '👍').waitFor({ state: 'detached' });
});

test('who_is_mentioned_is_told_so_in_the_list_and_on_the_message', async () => {
  await chloe.open('/conversations');
  await inTeam(amine);
  await amine.page.getByText(amine.say('web-mention')).click();
  await amine.find('checkbox', PEOPLE.chloe.name).check();
  await send(amine, SECOND);
  await amine.message(SECOND).getByText(`à l’attention de ${PEOPLE.chloe.name}`).waitFor();
  await chloe.find('link', new RegExp(TEAM)).getByText(chloe.say('web-mentioned')).waitFor();
  await chloe.check('a list with somebody mentioned');
  await inTeam(chloe);
  await chloe.message(SECOND).getByText(`à l’attention de ${PEOPLE.chloe.name}`).waitFor();
  await chloe.open('/conversations');
  assert.equal(await chloe.find('link', new RegExp(TEAM)).getByText(chloe.say('web-mentioned')).count(), 0, 'it was read');
});

test('a_message_is_pinned_for_all_and_is_not_any_more', async () => {
  const pinned = (person) => person.message(FIRST).getByText(person.say('desk-is-pinned'));
  await inTeam(chloe);
  await actions(amine, FIRST);
  await amine.click('button', amine.say('web-pin'));
  await amine.sees(amine.say('desk-pinned'));
  for (const person of [amine, chloe]) await pinned(person).waitFor();
  await actions(amine, FIRST);
  await amine.click('button', amine.say('web-unpin'));
  await amine.sees(amine.say('desk-unpinned'));
  for (const person of [amine, chloe]) await pinned(person).waitFor({ state: 'detached' });
});

test('a_message_that_its_author_deletes_leaves_everybody_s_page_and_says_that_it_was_there', async () => {
  await inTeam(amine);
  await send(amine, THIRD);
  await chloe.message(THIRD).waitFor();
  await actions(chloe, THIRD);
  assert.equal(await chloe.find('button', chloe.say('web-erase')).count(), 0, 'it is Amine’s');
  await inTeam(chloe);
  await actions(amine, THIRD);
  await amine.click('button', amine.say('web-erase'));
  await amine.sees(amine.say('desk-deleted'));
  for (const person of [amine, chloe]) {
    await person.message(THIRD).waitFor({ state: 'detached' });
    const left = person.page.locator('.message').filter({ hasText: person.say('desk-erased') });
    await left.filter({ hasText: PEOPLE.amine.name }).waitFor();
    assert.equal(await left.getByRole('link').count(), 0, 'nothing can be done with it');
  }
});

test('a_note_is_written_by_two_people_and_each_keeps_what_the_other_wrote', async () => {
  const title = 'Tournée du lundi';
  const text = (person) => person.find('textbox', person.say('web-note-text'));
  await inTeam(amine);
  await amine.click('link', amine.say('web-notes'));
  await amine.paste(amine.say('web-note-title'), title);
  await amine.click('button', amine.say('web-begin-note'));
  await amine.find('heading', title).waitFor();
  await amine.write(amine.say('web-note-text'), 'Lavoir à huit heures.');
  await amine.click('button', amine.say('web-save'));
  await amine.sees(amine.say('web-note-saved'));
  assert.equal(await text(amine).inputValue(), 'Lavoir à huit heures.');
  await seen(chloe, title, 'Lavoir à huit heures.');
  await text(amine).fill('Lavoir à neuf heures.');
  await text(chloe).press('End');
  await text(chloe).press('Enter');
  await text(chloe).pressSequentially('Puis la mairie.');
  await chloe.click('button', chloe.say('web-save'));
  await chloe.sees(chloe.say('web-note-saved'));
  // Amine has still his own before him; what he changed of it takes nothing from Chloé.
  assert.equal(await text(amine).inputValue(), 'Lavoir à neuf heures.');
  await amine.click('button', amine.say('web-save'));
  await amine.sees(amine.say('web-note-saved'));
  for (const person of [amine, chloe]) await seen(person, title, 'Lavoir à neuf heures.\nPuis la mairie.');
  await chloe.check('a note that two people wrote');
  await chloe.click('button', chloe.say('web-save'));
  await chloe.sees(chloe.say('desk-note-same'));
});

/** Looks at a note until it has this text. */
async function seen(person, title, text) {
  const written = person.find('textbox', person.say('web-note-text'));
  for (let look = 0; look < 40; look += 1) {
    await inTeam(person);
    await person.click('link', person.say('web-notes'));
    await person.find('textbox', person.say('web-note-title')).waitFor();
    const note = person.find('link', new RegExp(`^${title}`));
    if ((await note.count()) === 1) {
      await note.click();
      await written.waitFor();
      if ((await written.inputValue()) === text) return;
    }
  }
  assert.equal(await written.inputValue(), text);
}

test('a_conversation_is_muted_on_one_s_own_computer_and_heard_again', async () => {
  const muted = (person) => person.find('link', new RegExp(TEAM)).getByText(person.say('desk-is-muted'));
  await inTeam(amine);
  await amine.open(`${new URL(amine.page.url()).pathname}/settings`);
  await amine.click('button', amine.say('web-mute'));
  await amine.sees(amine.say('web-muted'));
  await amine.check('a muted conversation');
  await amine.click('button', amine.say('web-unmute'));
  await amine.sees(amine.say('desk-unmuted'));
  await amine.click('button', 'Muette une heure');
  await amine.sees(amine.say('web-muted'));
  await amine.open('/conversations');
  await muted(amine).waitFor();
  await chloe.open('/conversations');
  assert.equal(await muted(chloe).count(), 0, 'nobody else is told');
  // An hour later it is heard again, without anybody’s doing.
  await town.goOn(61);
  await muted(amine).waitFor({ state: 'detached' });
});

test('who_may_prolong_their_service_does_so_for_two_hours_a_day_and_who_may_not_finds_no_way', async () => {
  const standing = (words) => amine.page.locator('#standing').filter({ hasText: words });
  await town.goTo('16:30');
  await chloe.open('/me/hours');
  assert.equal(await chloe.find('heading', chloe.say('web-prolong')).count(), 0);
  await standing('en service jusqu’à 17:00').waitFor();
  await amine.open('/me/hours');
  await amine.click('button', '60 minutes');
  await amine.sees('Service prolongé de 60 minutes.');
  await standing('en service jusqu’à 18:00').waitFor();
  await amine.sees(amine.say('beside-prolonged'));
  await amine.check('hours that were prolonged');
  await town.goTo('18:05');
  await standing(/^hors service, reprise /).waitFor();
  await inTeam(amine);
  await amine.click('link', amine.say('web-prolong'));
  await amine.click('button', '60 minutes');
  await standing('en service jusqu’à 19:05').waitFor();
  await inTeam(amine);
  await amine.find('button', amine.say('web-send')).waitFor();
  await town.goTo('19:10');
  await amine.open('/me/hours');
  await amine.click('button', '15 minutes');
  const refused = amine.find('alert');
  await refused.getByText(/^Un service se prolonge /).waitFor();
  await refused.getByText(/deux heures par jour/).waitFor();
  await standing(/^hors service, reprise /).waitFor();
  await amine.check('a prolongation that is refused');
});

test('the_diagnosis_tells_what_a_helper_needs_and_no_word_or_name_of_anybody', async () => {
  const fact = async (id) => (await amine.page.locator('dl.facts div').filter({ hasText: amine.say(id) }).locator('dd').innerText()).trim();
  await amine.find('navigation').getByRole('link', { name: amine.say('web-me') }).click();
  await amine.click('link', new RegExp(`^${amine.say('web-diagnosis')}`));
  await amine.find('heading', amine.say('web-diagnosis')).waitFor();
  assert.match(await fact('web-fact-version'), /^\d+\.\d+\.\d+$/);
  assert.match(await fact('web-fact-contact'), /^\d\d:\d\d$/);
  assert.equal(await fact('web-fact-waiting'), '0');
  assert.match(await fact('web-fact-statement'), /^[1-9]\d*$/);
  assert.match(await fact('web-fact-clock'), /^[0-2]\ss$/);
  assert.equal(await fact('web-fact-store'), amine.say('desk-store-sound'));
  const main = await amine.find('main').innerText();
  for (const text of [FIRST, SECOND, TEAM, PEOPLE.amine.name, PEOPLE.chloe.name, PEOPLE.lea.name]) assert.ok(!main.includes(text), text);
});

test('a_theme_shows_the_organisation_s_colours_and_logo_on_every_page', async () => {
  const folder = town.folder('theme');
  await mkdir(folder);
  await writeFile(`${folder}/theme.css`, ':root { --accent: #5b2a86; --accent-ink: #ffffff; }\n');
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
  await writeFile(`${folder}/logo.png`, Buffer.from(pixel, 'base64'));
  const lea = await personAt(await town.desk('lea', { words: ['--theme', folder] }));
  await lea.click('link', lea.say('web-announcements'));
  const colour = (locator) => locator.evaluate((element) => getComputedStyle(element).backgroundColor);
  assert.equal(await colour(lea.find('link', lea.say('web-announce'))), 'rgb(91, 42, 134)');
  const logo = lea.page.locator('header img.logo');
  await logo.waitFor();
  assert.equal(await logo.evaluate((image) => image.complete && image.naturalWidth), 1);
  await lea.check('a page in an organisation’s colours');
  await lea.click('button', lea.say('web-lock'));
  await lea.page.waitForURL('**/unlock');
  await logo.waitFor();
  assert.equal(await colour(lea.find('button', lea.say('web-unlock'))), 'rgb(91, 42, 134)');
  await amine.open('/announcements');
  assert.equal(await amine.page.locator('img.logo').count(), 0, 'only where it was asked for');
});
