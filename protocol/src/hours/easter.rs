//! The date of Easter, from which the movable feasts are counted.
//!
//! The anonymous Gregorian algorithm (Nature, 20 April 1876; J. Meeus, Astronomical
//! Algorithms, 2nd ed. 1998, ch. 8): whole arithmetic, no table, right for every Gregorian
//! year. Cheap enough to be asked by the gate without keeping anything.

/// Easter Sunday of a Gregorian year as (month, day): from 22 March to 25 April.
pub(super) fn easter(year: i64) -> (u8, u8) {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let (leap_centuries, century_rest) = (century.div_euclid(4), century.rem_euclid(4));
    let moon_shift = (century + 8).div_euclid(25);
    let moon_correction = (century - moon_shift + 1).div_euclid(3);
    let epact = (19 * golden + century - leap_centuries - moon_correction + 15).rem_euclid(30);
    let (leaps, leap_rest) = (of_century / 4, of_century % 4);
    let weekday = (32 + 2 * century_rest + 2 * leaps - epact - leap_rest).rem_euclid(7);
    // Keeps the full moon within the 29 days that the lunar month of tradition has.
    let late_moon = (golden + 11 * epact + 22 * weekday) / 451;
    let place = epact + weekday - 7 * late_moon + 114;
    ((place / 31) as u8, (place % 31 + 1) as u8)
}
