/**
 * A personal phone with a valid ticket, on the wall: it is refused since it is not in the inventory, and the
 * administrator reads the refusal in the audit (scenario C4).
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser } from '../world/browser.js';
import { Wall } from '../world/wall.js';

let wall;

before(async () => {
  wall = await Wall.raise();
});

after(async () => {
  await closeBrowser();
  await wall?.clear();
});

test('c4_a_personal_phone_with_a_valid_ticket_is_refused_and_the_administrator_reads_it_in_the_audit', async () => {
  const person = await wall.person();
  const office = person.page.frameLocator('iframe[title^="Ordinateur de l’administration"]');
  const read = async () => {
    await office.getByRole('navigation').getByRole('link', { name: person.say('web-me') }).click();
    await office.getByRole('link', { name: new RegExp(`^${person.say('web-audit')}`) }).click();
    await office.getByRole('status').filter({ hasText: 'La chaîne tient' }).waitFor();
    const refused = office.locator('li[id^=line-]').filter({ hasText: person.say('audit-refused') });
    return refused.filter({ hasText: person.say('fault-not-in-inventory') }).allInnerTexts();
  };
  assert.deepEqual(await read(), []);
  await person.click('button', person.say('wall-personal'));
  const said = /vrai ticket\u00A0: refusé\. Cet appareil n’est pas à l’inventaire\./;
  await person.page.locator('.told li').first().filter({ hasText: said }).waitFor();
  const lines = await read();
  assert.equal(lines.length, 1);
  await office.getByRole('navigation').getByRole('link', { name: person.say('web-administration') }).click();
  await office.getByRole('link', { name: new RegExp(`^${person.say('web-approvals')}`) }).click();
  await office.getByText(person.say('web-approvals-none')).waitFor();
  await person.leave();
});
