/** C12: the audit is read and verified on the administrator's own computer, and is nobody else's. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, personAt } from '../world/browser.js';
import { Town } from '../world/town.js';

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
  assert.match(readable, /Rôle donné : Léa Bernard/);
  assert.match(readable, /Appareil admis dans l’organisation : Amine Kaci/);
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
