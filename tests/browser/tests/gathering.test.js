/**
 * Conversations that people begin: a supervisor brings some of their team together, and two talk between
 * themselves (scenario A10, without its exports). Who was not chosen sees nothing.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { PEOPLE, TEAM, Town } from '../world/town.js';

const TITLE = 'Déneigement du plateau';
const [CALL, ANSWER, LATER] = ['Rendez-vous au dépôt à 5 h.', 'J’y serai.', 'Le plateau est dégagé.'];

let town;
let lea;
let amine;
let chloe;

before(async () => {
  town = await Town.build();
  [lea, amine, chloe] = await Promise.all(['lea', 'amine', 'chloe'].map(async (who) => personAt(await town.desk(who))));
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

async function gather() {
  await lea.open('/conversations');
  await lea.click('link', lea.say('web-new-conversation'));
  await lea.page.getByLabel(lea.say('gather-name')).fill(TITLE);
}

/** In the conversation that Léa has made. */
async function inside(person) {
  await person.open('/conversations');
  await person.click('link', new RegExp(TITLE));
  await person.find('textbox', person.say('web-message')).waitFor();
}

async function say(person, text) {
  await person.write(person.say('web-message'), text);
  await person.click('button', person.say('web-send'));
}

test('without_anybody_chosen_nothing_is_made_and_the_title_stays', async () => {
  await gather();
  await lea.click('button', lea.say('gather-make'));
  await lea.sees(lea.say('gather-nobody'));
  assert.equal(await lea.page.getByLabel(lea.say('gather-name')).inputValue(), TITLE);
  await lea.check('a conversation of nobody');
});

test('whoever_was_chosen_reads_the_title_and_answers', async () => {
  await gather();
  await lea.find('checkbox', PEOPLE.amine.name).check();
  await lea.click('button', lea.say('gather-make'));
  await lea.find('heading', TITLE).first().waitFor();
  await say(lea, CALL);
  await amine.open('/conversations');
  await inside(amine);
  await amine.message(CALL).waitFor();
  await say(amine, ANSWER);
  await lea.message(ANSWER).waitFor();
});

test('somebody_who_comes_later_reads_what_was_written_and_who_leaves_reads_no_more', async () => {
  await chloe.open('/conversations');
  assert.equal(await chloe.find('link', new RegExp(TITLE)).count(), 0, 'nobody has asked Chloé');
  await lea.open(`${new URL(lea.page.url()).pathname}/settings`);
  await lea.page.getByLabel(lea.say('gather-comes')).selectOption({ label: PEOPLE.chloe.name });
  await lea.click('button', lea.say('gather-add'));
  await lea.sees(lea.say('gather-added'));
  await lea.page.getByLabel(lea.say('gather-leaves')).selectOption({ label: PEOPLE.amine.name });
  await lea.click('button', lea.say('gather-remove'));
  await lea.sees(lea.say('gather-removed'));
  await inside(lea);
  await say(lea, LATER);
  await inside(chloe);
  for (const text of [CALL, ANSWER, LATER]) await chloe.message(text).waitFor();
  await amine.open('/conversations');
  await amine.click('link', new RegExp(TITLE));
  await amine.sees(amine.say('web-left-why'));
  await amine.message(ANSWER).waitFor();
  await amine.check('a conversation that one has left');
  assert.equal(await amine.message(LATER).count(), 0);
});

test('a10_a_personal_conversation_says_so_to_both_and_has_nobody_in_it_but_them', async () => {
  const text = 'On déjeune au lavoir ?';
  await amine.open('/conversations');
  await amine.click('link', amine.say('web-new-conversation'));
  await amine.page.getByLabel(amine.say('web-new-with')).selectOption({ label: PEOPLE.chloe.name });
  await amine.find('radio', amine.say('class-personnel')).check();
  await amine.click('button', amine.say('web-open-conversation'));
  await amine.find('textbox', amine.say('web-message')).waitFor();
  await say(amine, text);
  await chloe.open('/conversations');
  await chloe.click('link', new RegExp(PEOPLE.amine.name));
  await chloe.message(text).waitFor();
  for (const person of [amine, chloe]) {
    await person.find('main').getByText(person.say('class-personnel')).waitFor();
    await person.check('a personal conversation');
    await person.open(`${new URL(person.page.url()).pathname}/settings`);
    await person.find('main').getByText(person.say('class-personnel')).waitFor();
    const members = await person.page.locator('ul.members li').allInnerTexts();
    const names = members.map((line) => [PEOPLE.amine.name, PEOPLE.chloe.name].find((name) => line.startsWith(name)));
    assert.deepEqual(names.sort(), [PEOPLE.amine.name, PEOPLE.chloe.name]);
    await person.check('who can read a personal conversation');
  }
  await lea.open('/conversations');
  await lea.click('link', new RegExp(TEAM));
  assert.equal(await lea.find('link', new RegExp(`^${PEOPLE.amine.name}`)).count(), 0, 'it is not Léa’s');
});
