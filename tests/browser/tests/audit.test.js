/** C12: the audit is read and verified on the administrator's own computer, and is nobody else's. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { PEOPLE, Town } from '../world/town.js';

let town;

before(async () => {
  town = await Town.build();
});

after(async () => {
  await closeBrowser();
  await town?.strike();
});

test('an_administrator_reads_each_act_in_words_and_that_the_chain_holds', async () => {
  const person = await personAt(await town.desk('admin'));
  await person.click('link', 'Administration');
  await person.click('link', /^Journal du relais/);
  await person.find('status').filter({ hasText: 'La chaîne tient' }).waitFor();
  const readable = await person.readable();
  assert.match(readable, /Rôle donné\s: Léa Bernard/);
  assert.match(readable, /Appareil admis dans l’organisation\s: Amine Kaci/);
  await person.check('the audit');
  await person.leave();
});

test('an_agent_finds_no_way_to_the_audit_and_is_refused_at_its_address', async () => {
  const desk = await town.desk('amine');
  const person = await personAt(desk);
  await person.click('link', 'Moi');
  await person.find('link', /^Ce que le relais sait/).waitFor();
  assert.equal(await person.page.getByRole('link', { name: /^Journal du relais/ }).count(), 0);
  const answer = await person.open('/me/audit');
  assert.equal(answer.status(), 403);
  await person.leave();
});

test('an_officer_whom_an_administrator_appoints_reads_it_until_that_ends', async () => {
  const [admin, amine] = [await personAt(await town.desk('admin')), await personAt(await town.desk('amine'))];
  const officer = admin.page.locator('section[aria-labelledby=officer]');
  await admin.open('/admin/rights');
  await officer.getByRole('combobox').selectOption({ label: PEOPLE.amine.name });
  await officer.getByRole('button', { name: admin.say('web-right-give') }).click();
  await admin.sees(`${PEOPLE.amine.name} veille désormais aux données.`);
  await amine.open('/me');
  await amine.click('link', /^Journal du relais/);
  await amine.find('status').filter({ hasText: 'La chaîne tient' }).waitFor();
  await officer.getByRole('button', { name: admin.say('web-right-withdraw') }).click();
  await admin.sees(`${PEOPLE.amine.name} ne veille plus aux données.`);
  assert.equal((await amine.open('/me/audit')).status(), 403);
});
