//! What any store of the relay keeps, whatever engine is behind it: races and failures included.
//!
//! A backend is a [`contract::Backend`]; every story below runs against each.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "contract/announcements.rs"]
mod announcements;
#[path = "contract/audit.rs"]
mod audit;
#[path = "contract/backend.rs"]
mod backend;
#[path = "contract/calls.rs"]
mod calls;
#[path = "contract/handshakes.rs"]
mod handshakes;
#[path = "contract/log.rs"]
mod log;
#[path = "contract/registry.rs"]
mod registry;
#[path = "contract/sqlite.rs"]
mod sqlite;

/// Makes a test of every story, for one backend.
macro_rules! contract {
    ($backend:ty: $($module:ident::$story:ident),* $(,)?) => {
        $(
            #[test]
            fn $story() {
                crate::$module::$story(&<$backend>::default());
            }
        )*
    };
}

mod on_sqlite {
    contract!(crate::sqlite::Sqlite:
        log::positions_have_no_holes_and_the_chain_computes,
        log::an_entry_repeated_stands_once_and_says_what_stands,
        log::of_two_writers_each_entry_gets_a_position_of_its_own,
        log::a_time_that_goes_back_does_not_go_back_in_a_thread,
        log::an_author_revoked_in_the_same_transaction_is_fenced_out,
        log::an_entry_judged_by_an_older_statement_is_overtaken,
        log::a_refused_entry_is_refused_unless_it_is_known,
        log::normal_entries_wait_for_open_removals_and_urgent_ones_do_not,
        log::a_window_counts_cuts_and_bounds,
        log::a_slot_only_grows,
        log::what_is_erased_keeps_its_place_and_the_oldest_go_first,
        log::what_was_not_written_was_not_written_in_part,
        log::a_batch_is_read_only_after_it_was_written,
        handshakes::of_two_writers_one_commit_is_taken_at_an_epoch,
        handshakes::a_generation_is_founded_once_and_the_next_after_it,
        handshakes::the_same_commit_by_the_same_device_is_done_again,
        handshakes::a_commit_of_a_revoked_device_or_an_older_statement_is_not_taken,
        handshakes::floors_rise_only_where_statements_are_closed,
        handshakes::members_and_refusals_are_those_of_the_standing_generation,
        handshakes::a_tree_is_kept_as_long_as_a_welcome_needs_it,
        handshakes::the_control_stream_is_in_the_order_of_the_writes,
        handshakes::a_bundle_is_kept_for_who_lacks_it_until_it_is_stored,
        announcements::an_announcement_stands_only_with_what_it_has_in_common,
        announcements::of_a_person_the_first_receipt_counts_and_no_other,
        announcements::with_its_last_entry_all_of_an_announcement_is_gone,
        calls::a_call_begins_with_its_entry_and_ends_with_the_first_answer,
        calls::a_call_goes_with_the_bytes_of_its_entry,
        registry::of_two_writers_one_statement_follows_the_head,
        registry::a_request_number_serves_once_and_refuses_what_follows_it,
        registry::two_writers_never_reserve_the_same_key_package,
        registry::a_reservation_ends_and_the_last_resort_never_does,
        registry::an_approved_device_has_its_key_packages_and_a_revoked_one_none,
        registry::an_enrolment_reads_back_at_every_stage,
        registry::one_organisation_is_founded_and_its_claim_burnt,
        registry::the_last_directory_stands_alone,
        registry::the_newest_dated_head_stands_alone,
        registry::everything_is_there_after_reopening,
        audit::lines_stand_with_their_act_or_not_at_all,
        audit::a_refusal_is_told_though_its_request_was_replayed,
        audit::of_two_writers_no_line_is_lost_and_the_chain_holds,
        audit::a_signed_head_is_kept_once_for_a_line,
    );
}
