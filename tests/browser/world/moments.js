/**
 * Moments of the real clock, by the clocks of Paris, as the fields of a browser take them.
 *
 * Forms know whole minutes: what has to lie after something else may have to wait for the next one.
 */
import { setTimeout as pass } from 'node:timers/promises';

const MINUTE = 60_000;
/** The relay's clock may tell the minute a little later than ours. */
const MARGIN = 200;

const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short', timeStyle: 'short' });

/** `2026-03-09T14:02`, some minutes from now. */
export const moment = (minutes = 0, from = Date.now()) => clock.format(from + minutes * MINUTE).replace(' ', 'T');

/** Passes the time until an instant: nothing if it is over. */
export const until = (instant) => pass(Math.max(0, instant - Date.now()));

/** Passes the time until the minute after an instant has begun. */
export const minuteAfter = (instant) => until((Math.floor(instant / MINUTE) + 1) * MINUTE + MARGIN);

/** Hours of every day as far from now as can be: one minute. */
export function awayFromNow() {
  const time = moment(12 * 60).slice(11, 14);
  return `lun-dim ${time}00-${time}01`;
}

/**
 * Hours of every day that end soon, from midnight on; waits where the day itself ends before.
 *
 * @param {number} room how long they are open at least, in milliseconds
 * @returns {Promise<{week: string, end: number}>} `end` is the instant at which they end today
 */
export async function closingSoon(room) {
  while (moment(1, Date.now() + room).slice(0, 10) !== moment().slice(0, 10)) await minuteAfter(Date.now());
  const last = Date.now() + room;
  return { week: `lun-dim 00:00-${moment(1, last).slice(11)}`, end: (Math.floor(last / MINUTE) + 1) * MINUTE };
}
