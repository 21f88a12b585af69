/**
 * Somebody on the way of the first run: the fields that they fill, as they are called on the page.
 */
import { USUAL, wear } from './appearance.js';
import { PASSPHRASE } from './town.js';

/** Hours that are open now and leave every rest, whenever the tests run. */
export function openNow() {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Paris', weekday: 'short', hour: '2-digit', hourCycle: 'h23',
  });
  const days = ['lun', 'mar', 'mer', 'jeu', 'ven', 'sam', 'dim'];
  const parts = Object.fromEntries(clock.formatToParts(Date.now()).map(({ type, value }) => [type, value]));
  const today = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts.weekday);
  const [hour, hours] = [Number(parts.hour), (value) => `${String(value).padStart(2, '0')}:00`];
  const here = `${days[today]} ${hours(hour)}-${hours(Math.min(hour + 3, 24))}`;
  return hour + 3 <= 24 ? here : `${here} ; ${days[(today + 1) % 7]} 00:00-${hours(hour - 21)}`;
}

/** Types a passphrase into both fields and goes on. */
export async function choosePassphrase(person, button, [first, second] = [PASSPHRASE, PASSPHRASE]) {
  await person.page.getByLabel(person.say('web-passphrase-new')).fill(first);
  await person.page.getByLabel(person.say('web-passphrase-again')).fill(second);
  await person.click('button', person.say(button));
}

/** Says what the organisation is, and goes on. */
export async function sayOrganisation(person, { name, administrator, ticket, week }) {
  await person.paste(person.say('web-create-name'), name);
  await person.paste(person.say('web-create-agent-name'), administrator);
  await person.paste(person.say('web-create-ticket'), ticket);
  if (week) await person.paste(person.say('web-hours-week'), week);
  await person.click('button', person.say('web-next'));
}

/** The words of the sheet on the page, by their number. */
export async function readSheet(person) {
  const words = await person.page.locator('.words li').allInnerTexts();
  return new Map(words.map((word, at) => [at + 1, word.trim()]));
}

/** The fields of the words that are asked for, with their numbers. */
export async function askedWords(person) {
  const fields = await person.page.locator('main input[name=word]').all();
  return Promise.all(fields.map(async (field) => {
    const label = await field.evaluate((element) => element.labels[0].innerText);
    return { field, place: Number(/\d+/.exec(label)[0]) };
  }));
}

/** Types the words that are asked for and goes on. */
export async function typeWords(person, words) {
  for (const { field, place } of await askedWords(person)) await field.fill(words.get(place));
  await person.click('button', person.say('web-check-now'));
}

/** Copies a recovery sheet and goes on. */
export async function copySheet(person, { words, relay, name = 'Zoé Martin' }) {
  await person.paste(person.say('web-create-agent-name'), name);
  await person.paste(person.say('web-recover-words'), words);
  await person.paste(person.say('web-recover-relay'), relay);
  await person.click('button', person.say('web-next'));
}

/** Pastes a ticket to join with and goes on. */
export async function giveTicket(person, ticket) {
  await person.paste(person.say('web-join-ticket'), ticket);
  await person.click('button', person.say('web-next'));
}

/** Holds a page that cannot be come to again to what tools can tell, as usual and where it is hardest. */
export async function checkHere(person, screen) {
  const usual = person.settings;
  for (const harder of [USUAL, { ...USUAL, width: 320, text: 200, colours: 'dark' }, { ...USUAL, width: 1280, contrast: 'forced' }]) {
    person.settings = { ...harder, language: usual.language };
    await person.page.setViewportSize({ width: person.settings.width, height: 740 });
    await person.check(screen);
    if (process.env.ESTAFETTE_PICTURES) await person.picture(screen);
  }
  person.settings = usual;
  await person.page.setViewportSize({ width: usual.width, height: 740 });
  await wear(person.page, usual);
}
