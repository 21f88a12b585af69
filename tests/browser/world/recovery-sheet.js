/**
 * Founding an organisation asks for three words of the sheet that it has just printed; here somebody reads
 * them off and types them back.
 */

/** Words that are asked for. */
const ASKED = 3;
/** Of a whole sheet. */
const WORDS = 24;

/** The numbered words of a printed sheet, letter by letter as they stand: accents are characters of their own. */
const wordsOf = (sheet) => new Map([...sheet.matchAll(/(\d+)\. +(\S+)/g)].map(([, number, word]) => [Number(number), word]));

/** The places of the words that were asked for so far; a question stands on standard error, without a line's end. */
const placesOf = (questions) => [...questions.matchAll(/(\d+)[^\d:]*: /g)].map(([, place]) => Number(place));

/** Answers the questions of a founding that has been started; the words and the relay's line, as they are on paper. */
export async function typeBack(founding) {
  const sheet = await founding.until('the sheet', ({ output }) => {
    const words = wordsOf(output);
    return words.size === WORDS && words;
  });
  for (let asked = 0; asked < ASKED; asked += 1) {
    const place = await founding.until('a word is asked for', ({ errors }) => placesOf(errors)[asked]);
    founding.type(sheet.get(place));
  }
  const words = [...sheet].sort(([one], [other]) => one - other).map(([, word]) => word);
  return { words, relay: /estafette:\S+/.exec(founding.output)[0] };
}
