//! The rota: who is called first, and what a new list takes the place of.

use estafette_protocol::AgentNumber;
use estafette_protocol::hours::{HoursError, Rota, StandingRota, Turn};

use crate::{at, period};

fn turn(from: &str, until: &str, order: &[u32]) -> Turn {
    Turn { period: period(from, until), order: order.iter().copied().map(AgentNumber).collect() }
}

fn december() -> Rota {
    Rota {
        covers: period("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        turns: vec![
            turn("2026-12-04T17:00:00Z", "2026-12-11T17:00:00Z", &[7, 3]),
            turn("2026-12-11T17:00:00Z", "2026-12-18T17:00:00Z", &[3, 7, 9]),
            turn("2026-12-28T17:00:00Z", "2027-01-04T17:00:00Z", &[9]),
        ],
    }
}

#[test]
fn at_each_instant_the_turn_says_who_is_called_and_in_which_order() {
    let mut rota = StandingRota::default();
    rota.replace(&december());
    let order = |instant: &str| rota.order_at(at(instant)).iter().map(|agent| agent.0).collect::<Vec<_>>();
    assert_eq!(order("2026-12-04T16:59:59.999Z"), [0; 0]);
    assert_eq!(order("2026-12-04T17:00:00Z"), [7, 3]);
    assert_eq!(order("2026-12-11T16:59:59.999Z"), [7, 3]);
    assert_eq!(order("2026-12-11T17:00:00Z"), [3, 7, 9]);
    assert_eq!(order("2026-12-20T12:00:00Z"), [0; 0]);
    assert_eq!(order("2027-01-02T12:00:00Z"), [9]);
}

#[test]
fn the_same_list_twice_changes_nothing_and_a_new_one_replaces_what_begins_in_its_time() {
    let mut rota = StandingRota::default();
    rota.replace(&december());
    let once = rota.clone();
    rota.replace(&december());
    assert_eq!(rota, once);
    let january = Rota {
        covers: period("2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"),
        turns: vec![turn("2027-01-03T17:00:00Z", "2027-01-10T17:00:00Z", &[4])],
    };
    rota.replace(&january);
    assert_eq!(rota.turns().len(), 4, "December's last turn stays");
    assert_eq!(rota.order_at(at("2027-01-03T16:00:00Z")), [AgentNumber(9)]);
    assert_eq!(rota.order_at(at("2027-01-03T17:00:00Z")), [AgentNumber(4)], "the later turn counts");
    rota.replace(&Rota { turns: Vec::new(), ..december() });
    assert_eq!(rota.turns(), january.turns);
}

#[test]
fn turns_that_overlap_lie_outside_or_call_nobody_or_somebody_twice_are_refused() {
    let with = |place: usize, bad: Turn| {
        let mut rota = december();
        rota.turns[place] = bad;
        rota.validate()
    };
    assert_eq!(december().validate(), Ok(()));
    let (from, until) = ("2026-12-11T17:00:00Z", "2026-12-18T17:00:00Z");
    assert_eq!(with(1, turn(from, until, &[])), Err(HoursError::BadTurn { index: 1 }));
    assert_eq!(with(1, turn(from, until, &[3, 7, 3])), Err(HoursError::BadTurn { index: 1 }));
    assert_eq!(with(1, turn("2026-12-11T16:59:00Z", until, &[3])), Err(HoursError::Overlap { index: 1 }));
    assert_eq!(with(1, turn(until, from, &[3])), Err(HoursError::EmptyPeriod));
    assert_eq!(
        with(2, turn("2027-01-01T00:00:00Z", "2027-01-04T17:00:00Z", &[9])),
        Err(HoursError::BadTurn { index: 2 })
    );
    let seventeen: Vec<u32> = (1..=17).collect();
    let many = HoursError::TooMany { list: "agents in a turn", count: 17, limit: 16 };
    assert_eq!(with(1, turn(from, until, &seventeen)), Err(many));
    let turns = vec![turn(from, until, &[3]); 513];
    let many = HoursError::TooMany { list: "turns", count: 513, limit: 512 };
    assert_eq!(Rota { turns, ..december() }.validate(), Err(many));
}
