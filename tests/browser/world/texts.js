/**
 * The product's sentences, from its own catalogue: a person looks for the words that they were promised.
 *
 * Tests name a sentence by its id, so that a better wording breaks none. A sentence in which something is
 * filled in is a pattern: anything may stand there.
 */
import { readFileSync } from 'node:fs';

const catalogue = (language) => new URL(`../../../protocol/locales/${language}.ftl`, import.meta.url);
const known = new Map();

/** All entries of a catalogue, by their id: `id = text`, with lines of their own that are indented. */
function entries(language) {
  if (!known.has(language)) {
    const found = readFileSync(catalogue(language), 'utf8').matchAll(/^([a-z][\w-]*) *= *(.*(?:\n(?: +.*)?(?=\n|$))*)/gm);
    known.set(language, new Map([...found].map(([, id, text]) => [id, sentence(text)])));
  }
  return known.get(language);
}

/** Without its attributes, such as what to do about a fault. */
const sentence = (text) => text.replaceAll(/\n +/g, '\n').split(/\n\./)[0].trim();

/** A sentence, or a pattern for it where something is filled in. Not one that a number chooses the words of. */
export function say(language, id) {
  const text = entries(language).get(id);
  if (text === undefined) throw new Error(`no sentence ${id} in ${language}`);
  if (text.includes('->')) throw new Error(`${id} in ${language} has words for each number`);
  if (!text.includes('{')) return text;
  const literal = (part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${text.split(/\{[^{}]*\}/).map(literal).join('[^]*')}$`);
}
