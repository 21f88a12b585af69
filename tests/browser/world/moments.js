/**
 * Moments by the clocks of Paris, as the fields of a browser take them.
 *
 * Nothing here knows how late it is: the instants are given, by a town's clock or by the real one.
 */
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const [SUNDAY, SATURDAY] = [0, 6];

const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short', timeStyle: 'short' });

/** `2026-03-09T14:02`, some minutes from an instant; from now unless said. */
export const moment = (minutes = 0, from = Date.now()) => clock.format(from + minutes * MINUTE).replace(' ', 'T');

/** The instant of `2026-03-09T14:02`, but not of the nights in which clocks are changed. */
function instantOf(local) {
  const there = Date.parse(`${local}Z`);
  return there - (Date.parse(`${moment(0, there)}Z`) - there);
}

/**
 * The first instant after another at which it is so late, on a day from Monday to Friday.
 *
 * @param {string} time `07:40`
 * @param {number} after in milliseconds since 1970
 */
export function nextWorkingDay(time, after) {
  for (let day = after; ; day += DAY) {
    const date = moment(0, day).slice(0, 10);
    const at = instantOf(`${date}T${time}`);
    if (at > after && ![SUNDAY, SATURDAY].includes(new Date(date).getUTCDay())) return at;
  }
}
