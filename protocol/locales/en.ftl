# The application's texts, in English. Same keys as fr.ftl, which is written first.
#
# A sentence says what happened, ".advice" says what to do. Dates and hours come already
# written. An acknowledgement is "Read and understood": it is not a signature.

## Words of every screen

app-name = Estafette
word-conversation = conversation
word-announcement = instruction
word-record = record
word-device = device
word-emergency = emergency
word-draft = draft
action-acknowledge = Read and understood
duty-on = on duty
duty-off = off duty
duty-on-call = on call

## State of a message

state-waiting = waiting to leave
state-awaited = waiting to be restored: the author's device has not brought it back to the relay yet
state-waiting-count = { $count ->
    [0] nothing waiting to leave
    [one] { $count } message waiting to leave
   *[other] { $count } messages waiting to leave
}
state-waiting-for-reopening = will leave when you are back on duty, { $when }
state-handed = handed to the relay
state-will-be-delivered = will be delivered { $when }
state-received = received
state-read = read
state-refused = refused: { $reason }
state-sealed-before-arrival = before you arrived
time-written = written { $when }
time-received = received { $when }
time-delivered = delivered { $when }
unread-count = { $count ->
    [0] nothing unread
    [one] { $count } unread
   *[other] { $count } unread
}
hours-closed-until = Off duty until { $when }: nothing is delivered to you before then.
hours-open-until = On duty until { $when }.

## Refusals: one sentence for each code, and what to do

fault-malformed = { $reason ->
    [empty_text] This text is empty: nothing of it would be seen.
   *[other] Unreadable or incomplete data was refused.
}
    .advice = { $reason ->
        [empty_text] Nothing has left. Write at least one word or sign that is seen; spaces and empty lines are not enough.
       *[other] Nothing is lost: try again. If it happens again, update the application, then tell the administrator.
    }
fault-too-large = This is too large to send{ $number ->
    [absent] .
   *[other] : { $number } bytes at most.
}
    .advice = Send it in several parts.
fault-message-too-long = This message is too long{ $number ->
    [absent] .
   *[other] : { $number } characters at most.
}
    .advice = Nothing was sent: shorten it or split it in two.
fault-reaction-invalid = A reaction is one sign, and this is none.
    .advice = Nothing was sent: choose a single emoji. To say more, answer the message.
fault-title-invalid = A title is a single line{ $number ->
    [absent] .
   *[other] , of { $number } characters at most.
}
    .advice = The old title stays: choose a shorter one, without a line break.
fault-ambiguous-name = Several objects have a name that begins like this.
    .advice = Nothing was done: copy more of its name.
fault-unknown-request = The relay does not know this request.
    .advice = The application is probably newer than the relay: ask the administrator to update the relay.
fault-no-such-route = This address does not exist on the relay.
    .advice = Check the relay's address, then the application's version.
fault-method-not-allowed = The relay does not take this kind of request at this address.
    .advice = Update the application. A browser cannot open this address.
fault-unsupported-media = The relay does not take this format.
    .advice = Update the application. A browser cannot open this address.
fault-unauthenticated = The device did not prove which device it is.
    .advice = Try again. If the refusal stays, ask the administrator to enrol it again.
fault-bad-proof = The proof presented is not this device's.
    .advice = An access works only on the device that received it: ask the administrator for a ticket for this one.
fault-token-expired = The ten-minute access is over.
    .advice = The application renews it by itself: try again.
fault-request-replayed = This request was received already{ $number ->
    [absent] .
   *[other] : the last one has number { $number }.
}
    .advice = Nothing is lost or sent twice: the application goes on with the next number.
fault-not-in-inventory = This device is not in the inventory.
    .advice = Take your professional device, or ask the administrator to add this one to the inventory.
fault-device-revoked = This device was withdrawn by an administrator.
    .advice = It receives nothing more. If this is a mistake, ask the administrator for a new ticket.
fault-wake-up-refused = The relay sends no wake-ups to this address.
    .advice = Whoever runs the relay can allow its host in the settings. Without wake-ups the device asks by itself.
fault-device-suspended = The relay has suspended this device: a key of its evidence was revoked.
    .advice = Nothing is lost; nothing leaves or arrives. Tell the administrator, who decides; a corrected list frees it by itself.
fault-reattestation-required = This device has to show again that it is yours and was not altered.
    .advice = It does so by itself. Your messages wait and leave afterwards; if this lasts, update the system or show the device to the administrator.
fault-device-locked = This device is locked: it has been without contact for too long.
    .advice = Nothing is lost. Find a network: it opens by itself, with drafts and waiting messages. Emergency: 112, 15, 17, 18, 114.
fault-device-wiped = The content of this device was destroyed.
    .advice = Ask the administrator for a new ticket; your conversations come back on the device that is admitted.
fault-lease-invalid = The permission received is not this device's.
    .advice = It is ignored, and the one before stays valid. Tell the administrator if this happens again.
fault-exception-over = The exception that admitted this device without evidence is over.
    .advice = Nothing is lost: your messages wait on the device. Two people can renew the exception, or another device is enrolled.
fault-device-pending = This device waits for an administrator’s approval.
    .advice = Show them the fingerprint on the screen; once they approve, the device is admitted at its next contact.
fault-forbidden = Your role does not allow this.
    .advice = Ask your supervisor to do it, or the administrator if your role should change.
fault-alien-organisation = This device, certificate or object belongs to another organisation.
    .advice = Check that you took the right folder and the right relay; otherwise ask for a ticket of this organisation.
fault-not-a-member = You are not a member of this conversation.
    .advice = Ask your supervisor to add you.
fault-not-found = This conversation or object cannot be found.
    .advice = It may have been deleted. Check the name, then refresh the list.
fault-enrolment-invalid = This ticket is not valid.
    .advice = Check that it is complete and copied without a mistake. After five tries it is destroyed: ask for another.
fault-enrolment-used = This ticket was used already.
    .advice = A ticket enrols one device only: ask for another. If it was not you who used it, tell the administrator.
fault-enrolment-expired = This ticket has expired.
    .advice = Ask the administrator for another.
fault-attestation-rejected = This device could not prove that it is the one in the inventory{ $reasons ->
    [absent] .
   *[other] : { $reasons }.
}
    .advice = Try again with the original device, up to date and unmodified. Otherwise the administrator decides, given these reasons.
fault-status-list-stale = The relay enrols no phone: its list of revoked attestation keys is missing or older than three days.
    .advice = This device is not at fault. The relay's operator imports the list (estafette-relay attest list import), then try again.
fault-entry-already-bound = Another device holds this line of the inventory already.
    .advice = The administrator first withdraws the old device, then makes a new ticket.
fault-statement-forged = A decision of the administration carries a false proof; it was not applied.
    .advice = Do not try again: tell the administrator, the relay or a device may be compromised.
fault-statement-out-of-order = Another decision came first{ $number ->
    [absent] .
   *[other] : the last one has number { $number }.
}
    .advice = Nothing has changed: read what was just decided, then start again.
fault-statement-forbidden = The author of this decision had no right to make it.
    .advice = It was not applied. An administrator must make it from their own computer.
fault-second-person-required = A rule that binds others is decided by two.
    .advice = Propose it: another administrator or an appointed supervisor approves it. Two devices of one person count as one.
fault-approval-waits = Nobody else can approve this proposal{ $reopens ->
    [absent] .
   *[other] : it can be confirmed from { $reopens } on.
}
    .advice = Until then all agents see it coming. A supervisor appointed to approve, or a second administrator, would spare this delay.
fault-policy-outdated = This proposal rests on a rule that has changed since.
    .advice = Nothing was changed. Read the rule in force again (estafette policies) and propose anew.
fault-proof-invalid = { $reason ->
    [founding] This proof does not surely say which organisation it comes from.
    [relay_signature] This proof does not bear the signature of this organisation’s relay.
    [contradiction] This proof contradicts itself.
    [chain] The decisions that come with this proof are incomplete or were changed.
    [differs_from_chain] This proof says something else than the decisions that come with it.
    [arrival] The time at which the message came, in this proof, does not hold.
   *[other] This proof does not hold.
}
    .advice = Ask whoever made it for the original file: a copy that was changed, be it by one byte, is refused.
fault-hours-invalid = { $reason ->
    [too_many] There are more periods than can be kept.
    [bad_interval] One of the week’s intervals does not begin before it ends, or goes over midnight.
    [bad_holiday] One of the closed days is not a date.
    [empty_period] The end must come after the beginning.
    [period_length] A proof goes from a moment to a later one, 31 days at most.
    [bad_reason] The reason is missing, or it is too long: 200 characters at most.
    [zone_too_long] The name of the time zone is too long.
    [bad_rest] The rest must begin where the intervention ends, and last two days at most.
    [bad_turn] One of the turns on call names nobody, names somebody twice, or lies outside of the period.
    [overlap] One of the turns on call begins before the one before it ends.
    [bad_profile] The name of the profile of guarantees is missing or too long.
    [unknown_place] This version does not know the public holidays of this place.
    [not_past] This period is not over yet.
   *[other] These hours do not hold.
}
    .advice = { $reason ->
        [empty_period] Nothing was changed. Correct the beginning or the end, then try again.
        [period_length] Nothing was signed. Correct the beginning or the end, then try again.
        [bad_reason] Nothing was changed. Write the reason in one short sentence, then try again.
        [not_past] Choose a period, or a month, that is over.
        [bad_profile] Nothing was changed. Choose one of those that exist, then try again.
        [unknown_place] Nothing was changed. Choose a place of the list, then try again.
       *[other] Nothing was changed. Check that each period begins before it ends and that none covers another, then try again.
    }
fault-zone-unknown = This time zone is not known.
    .advice = Write its IANA name, such as Europe/Paris or Indian/Reunion. Nothing was changed.
fault-override-invalid = { $reason ->
    [empty_period] This override has no end that is still to come.
    [override_too_long] This override lasts too long: 24 hours at most.
    [basis_missing] This override has no legal basis.
    [bad_reason] The reason is missing, or it is too long: 200 characters at most.
    [bad_minutes] The time before the next person is called is from 1 to 60 minutes.
   *[other] This override is not complete.
}
    .advice = It rests on exactly one legal basis, says why, and ends within 24 hours; another may follow. Nothing was opened.
fault-floors-broken = These hours do not leave the rest that is due.
    .advice = Nothing was signed. Leave the rest that is named, or choose with a jurist the profile of the text that derogates.
fault-override-limit = Too many urgencies and overrides: at most five within 24 hours by one person.
    .advice = Nothing was sent as urgent. Another agent who has the right may declare it; an ordinary message always leaves.
fault-second-approver-required = Above 200 people a second entitled person must approve.
    .advice = Ask them to approve, with the same basis and end, then try again. Nothing was sent.
fault-prolongation-refused = { $reason ->
    [not_allowed] Your hours do not allow your service to be prolonged.
    [longer_than_an_hour] A service is prolonged by at most an hour at a time.
    [shorter_than_five_minutes] A service is prolonged by at least five minutes.
    [on_leave] You are on leave: your service cannot be prolonged.
    [not_now] A service is prolonged while it lasts, or when it has just ended.
    [over_midnight] A service is not prolonged over midnight.
    [prolonged_already] Your service is prolonged at that time already.
    [two_hours_a_day] A service is prolonged by at most two hours a day.
   *[other] Your service cannot be prolonged like this.
}
    .advice = At most an hour at a time, two hours a day, not over midnight, where your hours allow it. Your message waits for your reopening.
fault-profile-invalid = This profile of guarantees cannot be used.
    .advice = Choose one of those that exist: fpe, fpt, fph, winter-2002-259, interior-2002-1278.
fault-statements-withheld = The relay hides or has changed a decision of the administration{ $number ->
    [absent] .
   *[other] {" "}(after number { $number }).
}
    .advice = Your messages wait on this device. Tell the administrator, who compares the relay with their own computer.
fault-statements-old = For seven days the administration has not confirmed the list of devices.
    .advice = Conversations go on, but nobody enters them. Tell the administrator: their computer only has to reach the relay.
fault-stale-epoch = The conversation's keys changed meanwhile.
    .advice = Nothing to do: the application seals the message again and sends it.
fault-commit-conflict = Another device changed the conversation's keys at the same moment.
    .advice = Nothing to do: the application follows that change and starts again.
fault-commit-invalid = A change of members or keys was refused: it does not match the administration's decisions.
    .advice = The conversation goes on with the earlier keys. If it happens again, tell the administrator.
fault-removal-open = A withdrawn device must first be shut out of the conversation's keys.
    .advice = Nothing to do: the application does it, then sends the message.
fault-no-key-package = A device of this conversation has no welcome key left in stock.
    .advice = It will bring more at its next contact; the application tries again by itself.
fault-names-unread = Another administrator’s computer has published names that this one has not read yet. Nothing was published, so that no name is lost.
    .advice = Wait for a minute, then try again. If it lasts, import the inventory again on this computer: the names will come from it.
fault-slot-outdated = A more recent mark is recorded already.
    .advice = Nothing to do: the most recent one counts.
fault-too-late = Somebody has received this message already.
    .advice = You can still delete it: it will vanish from the phones, and everybody will see that it was deleted.
fault-common-missing = The relay does not have the text of this announcement.
    .advice = Nothing to do: the device sends it again.
fault-receipt-invalid = This acknowledgement does not hold: it is another device’s, for another version, or none is wanted.
    .advice = Open the announcement and tap “Read and understood” again. If it happens again, tell the administrator.
fault-corrected = This announcement was corrected.
    .advice = Read the new version, then tap “Read and understood”.
fault-off-hours = { $reopens ->
    [absent] You are off duty.
   *[other] You are off duty until { $reopens }.
}
    .advice = The message is kept and will leave when you are back on duty. Nothing is delivered to you before then.
fault-chain-broken = A conversation's history does not match what this device had received.
    .advice = Nothing is erased here. Tell the administrator: a message may have been removed or moved on the relay.
fault-entry-rejected = A message was refused on arrival: its author or content cannot be verified.
    .advice = It is not shown. If you expected a message, ask its author to write it again.
fault-clock-wrong = This device's clock is far from the relay's time.
    .advice = Set the date and time (automatic is best), then try again. Nothing is lost.
fault-not-enrolled = This device is not enrolled.
    .advice = Ask the administrator for a ticket, then enrol the device.
fault-pin-mismatch = The relay that answered is not your organisation's.
    .advice = Nothing was sent. Do not insist on this network; if it happens elsewhere too, tell the administrator.
fault-unreachable = No contact with the relay.
    .advice = { $reasons ->
        [not_sent] Nothing was done, and nothing waits to leave. Try again when the relay answers.
        [unanswered] The request left and its answer did not come back: it may be done. Look at what is in place before you ask again.
       *[other] You can read and write: your messages leave by themselves as soon as the network is back.
    }
fault-disk-full = There is no space left on the disk.
    .advice = Nothing that was stored is lost. Free some space, then start again.
fault-store-corrupt = This device's database is damaged.
    .advice = Erase nothing: copy the folder, then ask the administrator to enrol the device again.
fault-store-too-new = This database was written by a newer version.
    .advice = Update the application. Nothing was changed.
fault-wrong-passphrase = The passphrase does not open this folder.
    .advice = Check capitals and the keyboard's language, then try again.
fault-file-too-large = This file is too large{ $number ->
    [absent] .
   *[other] : { $number } bytes at most.
}
    .advice = Nothing of it was read. An organisation fits well into that size: check that it is the right file, or import it in several parts.
fault-file-unreadable = This file is not a text with columns.
    .advice = In the spreadsheet, choose “Save as”, then “CSV”, and import that file.
fault-evidence-unreadable = This file holds no evidence of a phone.
    .advice = Give a JSON file with the chain or the App Attest object, or a chain of certificates as PEM.
fault-file-exists = This file exists already; it was left alone.
    .advice = Choose another name, or put the old file away.
fault-import-columns = The first line of the file does not name what is needed{ $reasons ->
    [absent] .
   *[other] : columns that lack or stand twice: { $reasons }.
}
    .advice = For the inventory: agent, name, team, platform, model, serial. For the directory: agent, name, first name, function, team. Nothing was imported.
column-agent = agent
column-name = name
column-platform = platform
column-model = model
column-serial = serial
fault-import-incomplete = { $number ->
    [absent] Lines were refused.
    [one] One line was refused.
   *[other] { $number } lines were refused.
}
    .advice = The others are taken. Correct those that are listed and import the file again: what is in place does not change.
fault-shutting-down = The relay is stopping.
    .advice = The application tries again by itself in a moment.
fault-too-many-requests = Too many requests in a short time.
    .advice = Wait a minute, then try again. Nothing is lost.
fault-restoring = The relay was just restored and waits for the organisation's decisions.
    .advice = Your messages wait on this device. An administrator must connect, or run "estafette-relay doctor".
fault-backup-damaged = This backup is incomplete or damaged.
    .advice = Nothing was restored or changed. Take another backup, and put this one aside.
fault-internal = An error of ours, or a refusal that this version does not know.
    .advice = Nothing is lost: update the application and try again. If it happens again, tell the administrator.

## Reasons why a device is not admitted

reason-evidence-too-large = evidence too large
reason-chain-too-long = too many certificates
reason-chain-too-short = incomplete sequence of certificates
reason-parse-cert = unreadable certificate
reason-untrusted-root = unknown manufacturer
reason-root-not-last = root in the middle of the sequence of certificates
reason-name-chaining = certificates that do not follow one another
reason-bad-signature = false certificate
reason-not-yet-valid = certificate not valid yet
reason-expired = expired certificate
reason-no-key-description = evidence without a description of the key
reason-key-description-not-in-leaf = description of the key in the wrong place
reason-parse-key-description = unreadable description of the key
reason-tags-unordered = disordered description of the key
reason-challenge-mismatch = evidence made for another enrolment
reason-key-mismatch = evidence of another key
reason-inventory-model = model other than the inventory's
reason-software-root = Android's software root, whose key is public
reason-not-authority = certificate issued by a key that may not
reason-rkp-required = factory key where a remotely renewed one is required
reason-revoked = attestation key revoked by Google
reason-status-list-stale = list of revoked keys too old
reason-security-level = key outside the required protected hardware
reason-key-origin = key made outside the protected hardware
reason-key-purpose = key made for another use
reason-key-algorithm = key of another kind
reason-all-applications = key open to all applications
reason-no-root-of-trust = phone's start not described
reason-malformed-boolean = lock state badly written
reason-bootloader-unlocked = bootloader unlocked
reason-boot-not-verified = system other than the manufacturer's
reason-no-app-id = application not named
reason-no-app-signature = application without a signing certificate
reason-app-package = another application
reason-app-digest = application signed with another key
reason-patch-level = security patches too old
reason-inventory-serial = serial number other than the inventory's, or not proved
reason-id-chain = proof of the serial number refused
reason-id-not-tied = proof of the serial number from another phone
reason-parse-app-attest = unreadable App Attest evidence
reason-nonce-mismatch = App Attest evidence made for other data
reason-key-id-mismatch = App Attest key under a name that is not its own
reason-app-id-mismatch = App Attest evidence of another application
reason-counter-not-zero = App Attest key used before
reason-development-aaguid = Apple's development environment
reason-production-aaguid = Apple's production environment
reason-unknown-aaguid = unknown environment of Apple's
reason-assertion-signature = false App Attest assertion
reason-counter-not-greater = App Attest assertion used before
reason-parse-managed-device = unreadable managed device certificate

## The relay, for who runs it

relay-init-made = The relay is ready in { $folder }.
relay-init-pin = Fingerprint of its certificate: { $pin }
relay-init-ticket = Founding ticket, shown this once:
relay-init-next = Next: “estafette-relay serve { $folder }”, then, on the administrator’s computer, “estafette admin create” with this ticket.
relay-init-exists = { $folder } exists already: nothing in it was touched.
relay-init-failed = The relay was not created: { $why }
relay-organisation-next = Start the relay again so that it serves this organisation.
relay-config-unreadable = { $file }: { $why }
relay-config-line = { $file }, line { $line }: { $why }
relay-config-too-large = too large for a settings file
relay-config-range = a number from { $least } to { $most } is expected here
relay-config-development-program = this program can accept made-up evidence (development attestation): it refuses production
relay-config-development-root = the development root is not allowed in production
relay-config-no-development-root = this program does not contain the development root
relay-config-public-development = a development relay listens on a loopback or private address only, unless “--i-know” is given
relay-config-apple-development = a production relay accepts no application under development (apple_environment)
relay-config-list-url = an https address is expected, without a user or a fragment
relay-config-metrics-loopback = metrics are served on a loopback address only, such as 127.0.0.1
relay-config-signing-digests = lists of SHA-256 in hexadecimal are expected, none of them empty
relay-config-patch-level = a month is expected, as 202605
relay-start-failed = The relay does not start: { $why }
relay-start-other-mode = The relay does not start: the database in { $folder } was created in the other mode.
relay-start-software = The relay does not start: the inventory in { $folder } has an entry that asks for no proof (“software”), forbidden in production.
relay-listening = The relay listens on { $address }.
relay-ended = The relay has stopped; nothing is lost.
relay-backup-made = Backup complete in { $folder }: { $organisations } organisations, { $size } KiB. It holds the relay's keys: keep it as you keep the relay.
relay-backup-sound = Backup of { $when }, { $organisations } organisations: complete and unaltered.
relay-backup-outside = Outside the relay's folder, so not in the backup: { $file }
relay-backup-exists = { $folder } exists already: nothing is written over it.
relay-backup-failed = Nothing was done: { $why }
relay-restore-made = Relay of { $when } restored in { $folder }.
relay-restore-next = Start it with "estafette-relay serve { $folder }", then have an administrator's computer connect: until then the relay takes nothing but the organisation's decisions. What devices had handed over since the backup comes back with them.
relay-doctor-restoring = organisation { $id }: restored, waits for an administrator's computer. If there is none any more: "estafette-relay doctor --confirm-restore"
relay-doctor-restored = organisation { $id }: restored, { $count ->
    [one] 1 group still waits for its members to renew their keys
   *[other] { $count } groups still wait for their members to renew their keys
}
relay-doctor-restore-confirmed = restore confirmed: the relay goes on within seconds, without waiting for an administrator's computer
relay-doctor-well = well
relay-doctor-attention = attention
relay-doctor-config = settings read, mode { $mode }
relay-doctor-folder = folder closed to other accounts
relay-doctor-folder-open = { $folder } is open to other accounts: “chmod 700 { $folder }”
relay-doctor-key = the relay’s key is readable by its owner alone
relay-doctor-key-fault = the relay’s key cannot be used: { $why }
relay-doctor-certificate = certificate readable, fingerprint { $pin }
relay-doctor-certificate-fault = the certificate cannot be used: { $why }
relay-doctor-disk = can be written, { $free } MiB free
relay-doctor-disk-space = only { $free } MiB free, { $least } are needed: make room
relay-doctor-disk-write = the folder cannot be written: { $why }
relay-doctor-clock = clock: { $now }
relay-doctor-clock-wrong = impossible clock ({ $now }): set it before serving
relay-doctor-clock-confirmed = time confirmed: the relay takes it into account within seconds
relay-doctor-no-application = no application named in [attestation]: no phone will be enrolled
relay-doctor-revocations = list of revoked keys: { $entries } entries, of { $when }
relay-doctor-revocations-stale = list of revoked keys older than three days ({ $when }): "estafette-relay attest list import"
relay-doctor-no-revocations = no list of revoked keys: no phone will be enrolled. "estafette-relay attest list import"
relay-doctor-revocations-unrefreshed = list of revoked keys not renewed since { $when }: its address in [attestation] does not answer as it should
relay-doctor-barred = organisation { $id }: { $count ->
    [one] { $count } phone is suspended, a key of its evidence is revoked
   *[other] { $count } phones are suspended, a key of their evidence is revoked
}: "estafette admin devices"
relay-doctor-revocations-fault = list of revoked keys cannot be used: { $why }
relay-doctor-organisation = organisation { $id }: { $devices } devices in force, { $administrators } of them for administration
relay-doctor-one-administrator = organisation { $id }: a single administration computer. If it is lost, only the recovery sheet remains: “estafette admin add-administrator”
relay-doctor-unfounded = organisation still to be founded (folder { $folder }): its ticket has not been used
relay-doctor-other-mode = the database in { $folder } was created in the other mode: this relay will refuse to start
relay-doctor-chain-broken = organisation { $id }: the decisions stored do not follow one another; restore a backup
relay-doctor-organisation-fault = database in { $folder }: { $why }
relay-audit-line = organisation { $id }: { $lines } lines, the chain holds; head { $hash }
relay-audit-unfounded = { $folder }: organisation still to be founded; nothing was verified
relay-audit-broken = organisation { $id }: the audit does not hold: { $why }
relay-audit-file = { $lines } lines of organisation { $id }, signed on { $at }: the chain holds
relay-audit-file-broken = this export does not hold: { $why }
relay-audit-key-wanted = To verify an export, give the relay’s public key with “--relay-key” (“estafette-relay audit export” shows it).
relay-audit-against = organisation { $id }: the export given is the beginning of this audit
relay-audit-not-against = organisation { $id }: this audit does not continue the export given; lines were replaced or cut off
relay-audit-key = The relay’s public key, to be kept elsewhere: { $key }
relay-audit-which = This relay serves several organisations: say which with “--organisation”.
relay-audit-none = No organisation of this name in this relay.
relay-audit-failed = The audit could not be read: { $why }
relay-audit-cut-missing = line { $expected } is missing; line { $found } stands in its place
relay-audit-cut-unreadable = line { $line } cannot be read
relay-audit-cut-following = line { $line } does not follow the one before
relay-audit-cut-altered = line { $line } was altered
relay-audit-cut-head = the relay signed line { $signed }, which is not the one that stands there (last line: { $last })
relay-audit-cut-forged = the signature at line { $line } is not by this relay’s key
relay-audit-cut-no-head = the final signature is missing: the end may have been cut off
relay-audit-cut-after = something follows the final signature
relay-retention-due = roster { $roster }, kept { $days } days: { $entries } entries to erase, { $size } KiB
relay-retention-done = roster { $roster }, kept { $days } days: { $entries } entries erased, { $size } KiB
relay-retention-none = Nothing has passed its time.
relay-retention-failed = Retention could not be carried out: { $why }
relay-attest-test-root = Careful: the file brings its own root, at which its chain was allowed to end. A relay would not accept it.
relay-attest-list-imported = List of revoked keys taken: { $entries } entries, as of { $when }.
relay-attest-list-stale = It is older than three days ({ $when }): a production relay enrols no phone with it.
relay-attest-list-failed = The list was not taken: { $why }

## The desk: the professional computer on the command line

desk-team = team
desk-agent = agent
desk-yes = yes
desk-nothing-done = Nothing was done.
desk-ask-passphrase = Passphrase:
desk-ask-new-passphrase = New passphrase:
desk-awaited = { $count ->
    [one] 1 message waiting to be restored
   *[other] { $count } messages waiting to be restored
}
desk-before-arrival = { $count ->
    [one] { $count } message written before you arrived
   *[other] { $count } messages written before you arrived
}
desk-note = { $title } · { $count ->
    [one] one character
   *[other] { $count } characters
} · { $when }
desk-note-same = The note has this text already: nothing is sent.
desk-note-not-utf8 = This text is not UTF-8: nothing is sent.
desk-hours-none = No hours are set: nothing is held back.
desk-hours-closed = off duty, back on { $when }
desk-hours-set = Hours set: { $week }.
desk-bad-week = These hours cannot be read. Write for example “mon-fri 08:00-12:00 13:30-17:00; sat 08:00-12:00”, and a zone such as Europe/Paris.
emergency-numbers = Emergency: 112 · ambulance 15 · police 17 · fire 18 · deaf and hard of hearing 114
desk-lease-open = Last contact: { $contact } · { $count ->
    [0] nothing waits to leave
    [one] { $count } message waits to leave
   *[other] { $count } messages wait to leave
}. Without another contact this device locks on { $lock } and is wiped on { $wipe }.
desk-lease-none = No contact with the relay so far.
desk-lease-locked = This device is locked, its last contact was on { $contact }. Find a network: it opens by itself. { $count ->
    [0] Without contact it is wiped on { $wipe }.
    [one] Without contact it is wiped on { $wipe }, with { $count } message that has not left.
   *[other] Without contact it is wiped on { $wipe }, with { $count } messages that have not left.
}
desk-lease-wiped = The content of this device was destroyed{ $count ->
    [0] .
    [one] , with { $count } message that had not left.
   *[other] , with { $count } messages that had not left.
}
desk-lease-attest = This device could not show again that it is yours. After { $when } it can do nothing else: show it to the administrator.
desk-lease-locks = Without contact with the relay this device locks on { $when }. Nothing will be lost.
desk-lease-wipes = { $count ->
    [0] Without contact with the relay this device is wiped on { $when }.
    [one] Without contact with the relay this device is wiped on { $when }: { $count } message that has not left will be lost.
   *[other] Without contact with the relay this device is wiped on { $when }: { $count } messages that have not left will be lost.
}
desk-lease-bad = These durations will not do: lock after 1 to 30 days, wipe after 7 to 90 days and later than the lock.
desk-lease-set = Without contact, devices lock after { $lock } days and are wiped after { $wipe } days. Each learns it at its next contact.
desk-device-seen = last contact on { $day }
desk-device-never-seen = never seen
desk-device-locks-soon = last contact on { $day }: locks soon, to be reached
desk-device-locked = last contact on { $day }: locked, unless on known leave
desk-device-suspended = suspended: locked, content kept
desk-device-unconfirmed = wipe not confirmed
desk-device-wiped = wiped on { $day }{ $count ->
    [0] {""}
    [one] , { $count } message lost
   *[other] , { $count } messages lost
}
desk-bad-moment = This moment cannot be read. Write for example "sunday 22:00", "2026-12-24 22:00" or "24/12/2026 22h".
desk-bad-place = This place is not known. Write one of these: { $places }.
desk-hours-would = Dry run: these hours would be { $week }.
floor-daily-rest = { $spot }: { $found } of rest in a row in 24 hours, { $limit } are due ({ $reference }).
floor-weekly-rest = { $spot }: { $found } of rest in a row in 7 days, { $limit } are due ({ $reference }).
floor-amplitude = { $spot }: a day over { $found }, { $limit } at most ({ $reference }).
floor-daily-hours = { $spot }: { $found } in the day, { $limit } at most ({ $reference }).
floor-weekly-hours = { $spot }: { $found } in 7 days, { $limit } at most ({ $reference }).
floor-mean-weekly-hours = { $spot }: { $found } each week, { $limit } on average at most ({ $reference }).
floor-unconfirmed = Profile { $profile }: { $reference }. No jurist has confirmed it yet.
floor-refused = refused
floor-flagged = flagged
weekday-name = { $day ->
    [0] Monday
    [1] Tuesday
    [2] Wednesday
    [3] Thursday
    [4] Friday
    [5] Saturday
   *[other] Sunday
}
floor-spot-weekly = { $day } { $time }
intervention-none = { $agent } has had their full rest: nothing moves.
intervention-shifted = { $agent }: intervention from { $from } to { $until }, { $rest } of rest are due; back { $opens } instead of { $planned }.
intervention-dry-run = Dry run: nothing was signed.
who-version = On { $when }, by the decisions known up to no. { $number }:
policies-two = A policy changes by two: one proposes, the other approves.
policies-one = One person alone changes policies here. “estafette admin second-person” requires the second.
policy-hours = The organisation's hours: { $week } ({ $zone })
policy-hours-team = Hours of the team { $team }: { $week } ({ $zone })
policy-hours-agent = Hours of { $name }: { $week } ({ $zone })
policy-lease = Without contact: lock after { $lock } days, wipe after { $wipe } days
policy-approver = { $name } approves proposed policies
policy-approver-ended = { $name } no longer approves proposed policies
policy-representative = { $name } represents the staff
policy-representative-ended = { $name } no longer represents the staff
policy-exception = The phone of { $name } is admitted without evidence until { $last } included: { $reason }
policy-exception-entry = The phone { $entry } of the inventory is admitted without evidence until { $last } included: { $reason }
policy-origin-one = Version { $number }, since { $at }
policy-origin-two = Version { $number }, since { $at }: proposed by { $author }, approved by { $approver }
policy-origin-alone = Version { $number }, since { $at }: proposed by { $author }, confirmed after a day for want of a second person
policy-proposed = Proposal no. { $number }, by { $name }, on { $at } (to be approved before { $until }):
policy-waits = Proposed, as no. { $number }. Nothing changes before a second person approves: “estafette policy approve { $number }”.
policy-waits-alone = Proposed, as no. { $number }. Nobody else can approve: you can confirm from { $when } on, by “estafette policy approve { $number }”. Until then all agents see it coming.
policy-question = Approve? (yes/no)
policy-approved = Proposal no. { $number } approved: it is in force.
policy-refused = Proposal no. { $number } taken back: nothing has changed.
who-proposal = As if proposal no. { $number } was approved:
desk-exception-past = That last day is over already.
desk-bad-date = This date does not read. Write it like this: 31/12/2026
desk-bad-month = This month does not read. Write it like this: 2026-11
proof-of-what = Say what to prove: a message (--message), or a time (--from and --until).
proof-written = Proof written: { $file }. Anybody can verify it with “estafette verify”.
proof-head = When agent { $agent } of organisation { $organisation } could be reached, from { $from } to { $until }, by the decisions up to no. { $version }. Signed by the relay on { $issued }:
proof-held-until = Message handed to the relay on { $received }, held until { $until }
proof-not-held = Message handed to the relay on { $received }, not held
proof-still-held = Message handed to the relay on { $received }, held to the end of this time
proof-arrived = Received on { $at }, by the agent's device
proof-rests-on-chain = Verified: the relay's signature, each decision with its author, and that the one follows from the others.
proof-without-chain = Verified: the relay's signature. The decisions do not come with this file: they were not looked at.
notices-none = No derogation has been decided.
notices-one = No. { $number }, on { $at }, by { $author }: { $count ->
    [one] one agent
   *[other] { $count } agents
}, from { $from } to { $until } · { $basis } · { $reason }
notices-waiting = { $count ->
    [one] One notice of a derogation waits for you
   *[other] { $count } notices of derogations wait for you
}: estafette notices
team-summary = { $name } · { $duty } on duty, { $leave } on leave, { $off } off duty
team-on-duty = { $name } · on duty
team-on-leave = { $name } · on leave until { $until }
team-missed = a device not seen since { $day }
team-missed-unknown = The relay could not be reached: devices not seen for three days of work are not known.
statistics-month = { $month }
statistics-all = The whole organisation
statistics-cell = { $name } ({ $people } people): { $overrides } overrides, { $entries } messages sent outside hours
statistics-withheld = { $count ->
    [0] Nothing is withheld of any group.
    [one] One group is withheld: it has fewer than { $people } people, or differs from another by fewer than { $people }.
   *[other] { $count } groups are withheld: they have fewer than { $people } people, or differ from another by fewer than { $people }.
}
who-on-duty = on duty
who-on-call = on call
who-on-call-order = on call, called as number { $place }
who-off-duty = off duty, back { $when }
who-off-duty-unknown = off duty
who-counts = Would receive everything: { $duty }. Would receive what is urgent: { $oncall }. Nothing before they are back: { $off }.
shifts-file = { $lines ->
    [one] One period read
   *[other] { $lines } periods read
}.
shifts-counts = Taken: { $added }. In place already: { $unchanged }. Refused: { $refused }.
shifts-flagged = Line { $line }, flagged: { $why }
shifts-reason = Imported shifts
shift-time-unreadable = this moment cannot be read: write 24/12/2026 22:00 or 2026-12-24 22:00.
shift-time-missing = a beginning and an end are needed.
shift-inverted = the end is not after the beginning.
shift-too-long = a period of duty has 48 hours at most, one on call 15 days.
shift-kind-unknown = the kind is duty or on-call.
shift-zone-unknown = the time zone { $zone } is not known.
shift-overlap = this period covers another one of the same agent, line { $line }.
shift-overlap-standing = this period covers another one of the same agent that stands already.
shift-agent-unknown = this agent has no device in the organisation.
shift-team-unknown = this team is not known.
shift-order-twice = this agent or this rank is taken already in this turn on call.
shift-recurring = repeated events are not read: export each occurrence.
shift-event-incomplete = the event cannot be read: it needs one beginning and one end.
shift-reason-too-long = the reason is too long: 200 characters at most.
desk-store-sound = The database is sound: every message is in its place.
desk-forget-question = { $count ->
    [0] Nothing is waiting to leave. The keys and messages of this computer will be destroyed. Type “forget” to go on:
    [one] { $count } message has not left and will be lost. The keys and messages of this computer will be destroyed. Type “forget” to go on:
   *[other] { $count } messages have not left and will be lost. The keys and messages of this computer will be destroyed. Type “forget” to go on:
}
desk-forget-word = forget
desk-forgotten = { $count ->
    [0] This computer is retired. Have an administrator cut it off too.
    [one] This computer is retired, with { $count } message that had not left. Have an administrator cut it off too.
   *[other] This computer is retired, with { $count } messages that had not left. Have an administrator cut it off too.
}
desk-claim-ticket-needed = This ticket founds no organisation. Take the one that “estafette-relay init” printed.
desk-founded = The organisation { $name } is founded and this computer administers it. Add a second administrator: “estafette admin add-administrator”.
desk-sheet-title = The organisation’s recovery sheet. Copy these 24 words onto paper.
desk-sheet-keep = Keep the sheet in a safe. Without it and without this computer the organisation can name no administrator any more; agents go on writing and reading.
desk-sheet-ask = Word number { $place }:
desk-sheet-wrong = These are not the words. Nothing was founded: start again, with the sheet in hand.
desk-ticket = One-time ticket, good for 24 hours. Send it to nobody else:
desk-ticket-for = { $name }, agent { $agent } · { $model }, serial { $serial } · good until { $until }
desk-tickets-made = { $count ->
    [0] No ticket to be made: each device of the inventory is enrolled.
    [one] One ticket, to be handed over in person.
   *[other] { $count } tickets, to be handed over in person.
}
desk-enrolled = This device is enrolled.
desk-enrolment-pending = The device waits for an administrator’s approval. Fingerprint to compare: { $fingerprint }
desk-approve-question = { $name }, { $model }, fingerprint { $fingerprint }. The same on the device? (yes/no)
desk-approved = { $count ->
    [0] No device approved.
    [one] { $count } device approved.
   *[other] { $count } devices approved.
}
desk-phones = This is what this computer asks of phones. List of revoked keys of { $when }.
desk-phones-no-list = This is what this computer asks of phones. No list of revoked keys here: the relay alone looks them up ("estafette admin phones --list").
desk-phones-nobody = No application is named: no phone will be approved from here. "estafette admin phones --package … --signer …"
desk-phones-bad-signer = A signer is a SHA-256 in hexadecimal. Those of one set are separated by commas.
desk-device-barred = suspended by the relay since { $day }: a key of its evidence is revoked. Withdraw it ("estafette admin revoke") or wait for a corrected list
desk-device-barred-shown = suspended by the relay since { $day }: a key of its evidence is revoked. Cut it off, or wait for a corrected list
desk-device-attest-late = evidence to be renewed since { $day }: within seven days, or it can do nothing else
desk-device-attest-overdue = evidence out of date on { $day }: it can only renew it
desk-device-active = in use
desk-device-revoked = cut off
stock-waits = waits to be admitted
stock-ticket = ticket made, good until { $until }
stock-no-ticket = no ticket
stock-refused = device refused
stock-lost = lost or stolen on { $day }
stock-replaced = replaced on { $day }
stock-retired = retired on { $day }
stock-suspended = suspended on { $day }
desk-left = The account is ended: { $count ->
    [one] { $count } device cut off
   *[other] { $count } devices cut off
}. What the agent wrote stays readable.
desk-left-teams = Teams without a supervisor: { $teams }. Appoint one.
desk-member = { $name } ({ $count ->
    [one] { $count } device
   *[other] { $count } devices
})
desk-member-archive = { $name }, archive service
desk-past-lost = These messages are lost for this device: in a personal conversation only another of your own devices could have handed them over.
desk-revoked = The device is cut off: its connections are closed, it will read nothing that follows.
desk-announce-no-team = No team of that name to which you may announce: { $name }. “estafette threads” shows yours.
desk-bad-time = This time cannot be read, or has passed. Write “10:00” or “2026-11-24 10:00”.
desk-correct-choose-due = The time by which this announcement was to be confirmed has passed. Give another (--due), or say that nobody has to confirm any more (--no-due). Nothing has left.
desk-acknowledged = Read and understood, handed to the relay.
desk-acknowledged-waits = Read and understood, waiting to leave.
desk-announcement-corrected = Corrected: see { $version }.
desk-announcement-acknowledged = “Read and understood”, { $when }
desk-announcement-asked = “Read and understood” wanted before { $when }
desk-announcement-counts = “Read and understood”: { $acknowledged } of { $people } · on leave: { $leave }
desk-person-on-leave = on leave
desk-person-unreached = not reached
desk-team-changed = { $count ->
    [0] The team did not change.
    [one] { $count } device moved.
   *[other] { $count } devices moved.
}
desk-sheet-relay = The relay, to be copied too: { $relay }
desk-sheet-words = The 24 words of the sheet, on one line:
desk-sheet-count = { $count ->
    [0] There is no word.
    [one] There is one word only.
   *[other] There are { $count } words.
 } A recovery sheet has { $wanted }.
desk-sheet-unknown = These words are on no recovery sheet, read them again; their numbers: { $places }.
desk-sheet-together = Each word exists, but together they make no recovery sheet. Check each word and their order.
desk-recovered = This computer administers the organisation again. Cut off the lost one (“estafette admin revoke”) and import the inventory again: the serial numbers were on the lost computer only.

## Conversations, their members, their messages

class-service = work conversation
class-diffusion = announcements
class-personnel = personal conversation: neither archived nor part of the organisation’s exports
class-syndical = union conversation: in no export of the organisation
date-day = { $weekday ->
    [0] Monday
    [1] Tuesday
    [2] Wednesday
    [3] Thursday
    [4] Friday
    [5] Saturday
   *[other] Sunday
} { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[other] December
} { $year }
time-today = today { $time }
time-tomorrow = tomorrow { $time }
state-received-by = received by { $count } of { $people }
state-read-by = read by { $count } of { $people }
desk-members = { $count ->
    [one] { $count } person reads it.
   *[other] { $count } people read it.
}
desk-is-edited = edited
desk-is-pinned = pinned
desk-erased = deleted by its author
desk-mentions = for { $names }
desk-versions-wait = { $count } versions written without knowing of each other, the author chooses: estafette versions { $message }
desk-version-first = first text
desk-version-current = current version
desk-version-older = replaced
desk-versions-choose = To keep one of the current versions: estafette versions { $message } --keep VERSION
desk-edited = Message edited
desk-deleted = Message deleted
desk-reacted = Reaction given
desk-reaction-withdrawn = Reaction withdrawn
desk-pinned = Message pinned
desk-unpinned = Message unpinned
desk-titled = Title changed
web-title-leaves = The new title is waiting to leave: the old one stays until then.
desk-title-removed = Title removed
desk-cancelled = Message taken back: nobody has received it.
desk-draft-kept = Draft kept on this computer.
desk-draft-none = No draft in this conversation.
desk-draft-cleared = Draft cleared.
desk-muted = Conversation muted on this computer until further notice.
desk-muted-until = Conversation muted on this computer until { $when }.
desk-unmuted = The conversation is no longer muted.
desk-is-muted = muted
desk-found = { $count ->
    [0] No message holds these words.
    [one] { $count } message found.
   *[other] { $count } messages found.
}
desk-found-more = There are more: --count shows them.

## Export of a conversation

export-members = { $count ->
    [one] { $count } member
   *[other] { $count } members
}: { $names }
export-made = { $count ->
    [one] { $count } message
   *[other] { $count } messages
}, exported { $when } by { $who }.
export-unreadable = { $count ->
    [one] { $count } message cannot be read on the device that made this export.
   *[other] { $count } messages cannot be read on the device that made this export.
}
export-answer = in answer to { $name }
export-answer-absent = in answer to a message that is not here
export-corrected = corrected
export-versions = Other versions
export-nobody = unknown author
export-done = { $title }: { $count ->
    [one] { $count } message
   *[other] { $count } messages
}
export-clear = Whoever has these files can read them: keep them as you keep the messages.
export-withheld = { $count ->
    [0] No personal or union conversation was left out.
    [one] { $count } personal or union conversation is left out: an export of the organisation holds none.
   *[other] { $count } personal or union conversations are left out: an export of the organisation holds none.
}
progress-messages = Messages

## Import of a CSV file (estafette admin import)

import-inventory = Inventory, { $lines ->
    [one] { $lines } line
   *[other] { $lines } lines
}; { $encoding }, separator “{ $separator }”.
import-directory = Directory, { $lines ->
    [one] { $lines } line
   *[other] { $lines } lines
}; { $encoding }, separator “{ $separator }”.
import-dry-run = Dry run: nothing is changed. This is what would be.
import-ignored = Columns left alone: { $names }.
import-teams = New teams: { $names }.
import-movers = These agents change teams and have a device in use: { $agents }. Their conversations are set with “estafette admin team”.
import-counts = Added: { $added }. Changed: { $updated }. In place already: { $unchanged }. Refused: { $refused }.
import-nothing = Nothing to change: all that this file says is in place.
import-line-added = Line { $line }: added.
import-line-updated = Line { $line }: changed.
import-line-refused = Line { $line }: { $why } ({ $code })
import-not-utf8 = letters are damaged. The rest of the file is UTF-8: correct the line.
import-quote-open = a quote opens and does not close on this line.
import-columns = { $found } fields, and the first line names { $expected }. A text that holds the separator stands in quotes.
import-agent-missing = the agent’s number is missing.
import-agent-not-a-number = the agent’s number must be a whole number, 1 or more.
import-name-missing = this agent is not known yet: a name is needed.
import-device-incomplete = platform, model and serial number go together; something is missing.
import-level-unknown = the level is attested, or owned for a phone that must prove its serial number.
import-platform-unknown = the platform is android, ios or computer.
import-field-too-long = a field is too long: { $limit } at most.
import-control-character = a field holds a character that cannot be printed.
import-serial-twice = this serial number stands on line { $line } already; that one counts.
import-agent-twice = line { $line } says something else of this agent; that one counts.
import-agent-other-name = this number is { $name }’s. If the file is right, add --replace.
import-serial-other-agent = this device is agent { $agent }’s. If the file is right, add --replace.
import-device-active = this device is in use: cut it off first (“estafette admin revoke”).
import-agent-other-name-shown = this number is { $name }’s. If the file is right, tick “The file takes precedence” below and begin again.
import-serial-other-agent-shown = this device is agent { $agent }’s. If the file is right, tick “The file takes precedence” below and begin again.
import-device-active-shown = this device is in use: cut it off first, on the page “Devices”.
progress-teams = Teams
progress-devices = Devices
progress-tickets = Tickets

## Replay of conversations (development command)

replay-all-files = All files
replay-enrolling = { $file }: enrolling { $devices } devices…
replay-joining = { $file }: the devices join their team…
replay-speaking = { $file }: { $spoken } of { $messages } messages…
replay-judging = { $file }: comparing all devices…
replay-lacking = Messages are missing: { $who }
replay-failed = The replay could not be done: { $cause }
replay-figures = { $file }: { $messages } messages, { $devices } devices, { $cuts } cuts, { $restarts } restarts, { $seconds } s; lost { $lost }, duplicated { $duplicated }, diverged { $diverged }, undecryptable { $undecryptable }; bytes per message sent { $up }, per message received { $down }
replay-unreadable = { $file } cannot be read: { $cause }
replay-system-failed = The computer refused: { $cause }
replay-relay-failed = The replay’s relay failed. Technical detail: { $cause }
replay-device-failed = A device of the replay failed. Technical detail: { $cause }
replay-not-joined = { $count ->
    [one] A device did not join its team in time.
   *[other] { $count } devices did not join their team in time.
}
replay-stuck = Message { $message } cannot be written: what it answers does not arrive.
replay-bad-line = { $file }, line { $line }: { $fault }
replay-no-message = { $file } holds no message.
replay-no-files = { $folder } holds no .jsonl file.
replay-too-many-authors = { $file } has { $authors } authors, and a team takes { $limit } devices at most.
replay-line-not-utf8 = not UTF-8
replay-line-not-a-message = not a message ({ $cause })
replay-line-number = "n" is { $number } where { $expected } is due
replay-line-no-author = the author is missing
replay-line-empty = the text is empty
replay-line-too-long = { $number } characters, { $limit } at most
replay-line-forward = answers message { $number }, which does not stand before it
replay-line-many-answers = answers { $number } messages, { $limit } at most
note-replay-enrolling = Enrolling devices…
note-replay-writing = Writing
note-replay-judging = Comparing all devices…
note-replay-equal = { $file }: { $transactions } transactions in { $entries } entries, { $devices } devices, { $seconds } s; bytes to the relay { $up }, from the relay { $down }; every device has the expected text.
note-replay-different = { $file }: { $transactions } transactions in { $entries } entries, { $devices } devices, { $seconds } s; bytes to the relay { $up }, from the relay { $down }; at least one device does not have the expected text.
note-replay-stuck = Passage { $stretch } cannot be written: what its author had seen does not arrive.
trace-too-large = { $file } is larger than { $number } MiB once decompressed.
trace-not-a-trace = { $file } is not a writing session: { $cause }
trace-kind = { $file } is a session of the kind "{ $cause }", which is not known.
trace-empty = { $file } holds no transaction.
trace-agents = { $file } announces { $number } authors: at least one is needed, and no more than a team takes devices.
trace-transaction = { $file }, transaction { $number }: its author or what it follows does not hold.

## The demo

demo-title = Estafette: a short day
demo-opening = A real relay and four real phones without their screens: the same code, real TLS, on this computer. Each ticked line is checked in their databases before it is written.
demo-ready = The relay runs, the organisation is founded, { $devices } devices are enrolled: Amine Kaci, Chloé Martin, Paul Roux, and Léa Bernard, who leads them.
demo-the-relay = The relay
demo-tunnel = A tunnel
demo-tunnel-cut = Amine walks into a tunnel: his network is cut. He writes all the same.
demo-wrote = “{ $text }” · { $state }
demo-relay-nothing = has received nothing more.
demo-nothing-here = sees nothing.
demo-tunnel-mended = Amine comes out: the network is back. He touches nothing.
demo-state = his message is { $state }.
demo-relay-one = holds one sealed entry more.
demo-shown = “{ $text }” · { $state }
demo-received-mark = knows that Chloé has it.
demo-closing = 17:00
demo-closing-how = Paul ends at 17:00, but the relay’s clock cannot be set: for this demonstration the administrator signs a day that ends in five seconds. Back at 08:00, as on other days.
demo-tomorrow = tomorrow { $time }
demo-another-day = on { $date } at { $time }
demo-wrote-off-duty = “{ $text }” · { $state } · Paul: { $later }
demo-on-duty = have it already: they are on duty.
demo-relay-holds = keeps the sealed entry for Paul.
demo-no-byte = has seen nothing pass: { $bytes } bytes had come down his line before the message, { $bytes } after it.
demo-curious = opens the app out of curiosity: { $bytes } bytes come down, to say that it is closed. No message.
demo-recall-how = The demonstration does not wait for tomorrow: Léa calls Paul back on duty, under her signature. Paul learns of it as he opens the app again (else at his next contact with the relay).
demo-recall-reason = Recall for the demonstration
demo-recall = calls Paul back on duty for an hour. Reason: { $reason }.
demo-announcement = An announcement
demo-announcement-how = Léa announces to her team and wants a “Read and understood” of each. Chloé is in a valley, without network.
demo-announcement-asked = “{ $text }” · “Read and understood” wanted
demo-announcement-late = counts { $acknowledged } “Read and understood” of { $people }; Chloé: not reached.
demo-announcement-back = comes out of the valley: the announcement is there, and asks her.
demo-announcement-all = counts { $people } of { $people }.
demo-announcement-relay = holds { $people } receipts, one for each person, without knowing of what; it would itself have reminded who was missing.
demo-phone = A second phone
demo-phone-how = Amine is given a second phone. A ticket, the administrator’s approval, and that is all: no password, no code, no backup to be found again.
demo-phone-history = { $messages ->
    [one] his new phone shows { $messages } message written before it
   *[other] his new phone shows the { $messages } messages written before it
}, in the same order, { $seconds ->
    [0] less than a second
   *[other] { $seconds } s
} after the ticket was asked for. A member on duty handed it the keys, sealed for it.
demo-edit = One correction, two phones
demo-edit-how = Amine goes down again without network, with both his phones. He corrects his message on the old one, forgets, and corrects it otherwise on the new one.
demo-edit-here = corrects on the old one: “{ $text }” · { $state }
demo-edit-there = corrects on the new one: “{ $text }” · { $state }
demo-edit-others = The others
demo-edit-before = still read the old text.
demo-edit-everybody = Everybody
demo-edit-both = The network is back. The { $devices } phones keep both corrections side by side, and show the same one until their author chooses: neither has overwritten the other.
demo-edit-chosen = chooses “{ $text }”: one version is in force on the { $devices } phones; the history keeps the { $versions } texts.
demo-storm = 21:00, the storm
demo-storm-how = Amine and Chloé have gone home; Amine is on call. Léa was given the right to declare an urgency: she must state its basis, its reason and its end.
demo-storm-reason = Storm, danger for people
demo-storm-declared = declares an urgency, reason “{ $reason }”: “{ $text }”
demo-storm-on-call = receives it at home: he is on call, and the first to be called.
demo-storm-at-home = is not on call: no byte came down her line ({ $bytes } before, { $bytes } after). She will read it tomorrow.
demo-storm-answered = knows that Amine has answered. Without an answer in ten minutes the next one would have been called.
demo-storm-record = has on his phone, for himself alone, the record of his intervention: its beginning is noted there.
demo-lost = A lost phone
demo-lost-how = Amine has lost his new phone on the site. The administrator declares it lost.
demo-lost-phone = The phone
demo-lost-empty = is cut off and emptied after { $seconds } s: of the { $messages } messages that it showed nothing is left.
demo-lost-confirmed = has the confirmation of the wipe. Without network the phone would have locked by itself after seven days.
demo-lost-kept = has lost nothing: his first phone has everything.
demo-decimal = .
demo-rooted = Unlocked
demo-rooted-how = The same ticket, read by a { $due } as expected, but one whose bootloader was unlocked.
demo-stranger = A stranger’s phone
demo-stranger-how = A real ticket, but read by another phone: the inventory expects a { $due }, this is a { $other }. Then a personal phone without a ticket, which makes one up.
demo-a-stranger = Stranger
demo-no-ticket = No ticket
demo-refused = refused: “{ $why }”
demo-nobody-waits = has enrolled nobody: no device waits, none was added.
demo-ledger = What the relay saw
demo-ledger-size = Its folder: { $files } files, { $kib } KiB. Its database: { $entries } sealed entries.
demo-ledger-nothing = Its files were searched byte by byte: neither the { $texts } texts written, nor the four names, nor their words of five letters or more ({ $words } texts sought). Nothing readable.
demo-ledger-control = The same search finds what the relay is meant to know: the inventory’s model “{ $model }” and the reason “{ $reason }”, which Léa signed in the clear.
demo-ledger-knows = So it knows: numbers ({ $devices } phones, one team, who is in it), hours, and of { $entries } entries their author by number, their size and their time.
demo-replay = A whole conversation, on a bad network
demo-replay-how = { $messages } messages are replayed. The network is cut again and again, devices and the relay lose their power. This takes a moment…
demo-replay-run = { $messages } messages, { $devices } devices, { $cuts } cuts, { $restarts } restarts, { $seconds } s.
demo-replay-verdict = Lost { $lost }, duplicated { $duplicated }, diverged { $diverged }, undecryptable { $undecryptable }: all devices show the same thread.
demo-replay-bytes = Bytes per message sent: { $up }; per message received: { $down }.
demo-replay-unread = In this relay’s files too, none of the { $texts } messages of at least { $least } bytes is readable.
demo-end = The day is over. All that is ticked was checked.
demo-again = Enter to see the day again, q to end
demo-untrue = The demonstration stops: this is not true here: { $cause }
demo-failed = The demonstration could not be done: { $cause }

basis-protection = protection of persons and property (décret 2000-815, art. 3, II, a)
basis-circumstances = exceptional circumstances (décret 2000-815, art. 3, II, b)
basis-other = legal basis no. { $number }
urgent-now = { $count ->
    [one] Receives it now: { $names }.
   *[other] Receive it now ({ $count }): { $names }.
}
urgent-now-nobody = Nobody receives it now: nobody is on duty or on call.
urgent-later = { $count ->
    [one] One person receives it when back on duty, { $when }.
   *[other] { $count } people receive it when back on duty, the first { $when }.
}
urgent-later-unknown = { $count ->
    [one] One person receives it when back on duty.
   *[other] { $count } people receive it when back on duty.
}
urgent-order = Called in this order, { $minutes } minutes each: { $names }.
urgent-order-nobody = The rota names nobody: nobody is called.
urgent-dry-run = Dry run: nothing is sent.
urgent-sent = sent as urgent
urgent-waiting = leaves as urgent as soon as there is network
urgent-terms = URGENT · { $basis } · { $reason } · until { $until } · declared by { $author }
urgent-called = { $name } · called { $when }
urgent-answered = { $name } · answered { $when }
urgent-you-are-called = You are called: answer before { $until }.
urgent-unanswered = Nobody has answered ({ $when }).
urgent-responded = Answered: the author knows that you are going.
urgent-override = Override from { $from } to { $until } · { $basis } · { $reason } · decided by { $author }
urgent-approved = Approved: { $name } may reach this team as urgent until { $until }.
urgency-right-granted = Agent { $agent } may declare urgencies.
urgency-right-withdrawn = Agent { $agent } may declare urgencies no longer.
override-stated = { $count ->
    [one] Override stated for one agent, until { $until }.
   *[other] Override stated for { $count } agents, until { $until }.
}
desk-prolonged = Service prolonged from { $from } to { $until }.
desk-held-cancel = You may cancel it until then: “estafette cancel { $message }”.
desk-held-prolong = To write now, prolong your service: “estafette prolong”.
own-intervention = Intervention from { $from } to { $until }. To have your opening shifted, if you want: { $command }
own-intervention-open = Intervention since { $from }, ends by itself at { $until }.
own-intervention-none = No intervention.
own-intervention-ended = Intervention ended.
own-intervention-exported = { $count ->
    [one] One intervention written.
   *[other] { $count } interventions written.
}
own-intervention-columns = number,from,until,zone,minutes,message

## The desk: pages of the professional computer

day-today = today
day-yesterday = yesterday
day-tomorrow = tomorrow
web-skip = Skip to content
web-places = The places
web-standing = State of this device
web-conversations = Conversations
web-announcements = Announcements
web-me = Me
web-lock = Lock
web-home = Back to the first page
web-this-language = English
web-refused = This was not done
web-not-shown = This page cannot be shown
web-device-locked = This device is locked
web-device-emptied = This device is empty
web-device-none-found = No device matches “{ $words }”.
web-lease-open = { $count ->
    [0] Nothing is waiting to leave
    [one] { $count } message is waiting to leave
   *[other] { $count } messages are waiting to leave
}. Without another contact this device locks on { $lock } and is wiped on { $wipe }.
web-week-unread = These hours were not understood. Write for example “mon-fri 08:00-12:00 13:30-17:00; sat 08:00-12:00”.
web-no-such-page = This page does not exist. The link may be cut short, or what it showed is gone.
web-refused-host = This address is not the desk’s. Open the link that “estafette desk” printed.
web-refused-origin = This request comes from a page that is not the desk’s: nothing was done. Go back to the desk and try again.
web-refused-link = This link was used already, or is too old. Run “estafette desk”: it prints another, and nothing is lost.
web-wrong-name-or-passphrase = This name and this passphrase open nothing here. Check the name, as it was chosen on this computer, then capitals and the keyboard’s language.
web-kept-title = To be sent?
web-kept-why = The application was locked when you sent it: nothing has left, and nothing is lost.
web-kept-text = What you had written
web-kept-send = Send now
web-kept-drop = Do not send
web-port-taken = Port { $port } is taken. Choose another, or leave “--port” out and let the system choose.
web-no-browser = No browser was found: open this link yourself. It works once.
web-unlock-title = The desk is locked
web-unlock-why = Your waiting messages leave all the same. Give your passphrase to read and write.
web-unlock-first = Give your passphrase: it opens your conversations on this computer.
web-which-agent = Agent
web-change-agent = Another agent’s turn
web-passphrase = Passphrase
web-unlock = Open
web-unlock-wait = { $seconds ->
    [one] Wait a second before the next try.
   *[other] Wait { $seconds } seconds before the next try.
}
web-hours-none = no hours are set
web-duty-on-until = on duty until { $when }
web-on-call-until = on call until { $when }
web-duty-off-until = off duty, back { $when }
web-locked = Last contact: { $contact }. Without another one this device is emptied on { $wipe }{ $count ->
    [0] .
    [one] , with { $count } message that has not left.
   *[other] , with { $count } messages that have not left.
}
web-last-contact = last contact { $when }
web-no-contact = no contact with the relay
web-clock-wrong = This computer’s clock is wrong. The times shown are the relay’s: it is { $now }. Set the clock.
web-notices-waiting = { $count ->
    [one] A notice of derogation waits for you.
   *[other] { $count } notices of derogation wait for you.
}
web-asked-count = { $count ->
    [0] nothing to confirm
    [one] { $count } announcement to confirm
   *[other] { $count } announcements to confirm
}
web-absence = While you were off duty
web-absence-messages = { $count ->
    [one] { $count } message
   *[other] { $count } messages
}
web-absence-announcements = { $count ->
    [one] { $count } announcement
   *[other] { $count } announcements
}
web-search = Search
web-search-label = Search the conversations
web-found-more = There are more: add a word.
web-search-what = Write one or more words, then search: all your messages are looked at, even without network.
web-no-conversation = No conversation yet. They appear as soon as you are in a team.
web-mentioned = you are named there
web-no-keys-yet = keys not received yet
web-no-keys-why = The keys of this conversation have not come yet. You can write in it as soon as they are here.
web-new-conversation = New conversation
web-new-two = With one person
web-new-with = With whom?
web-choose = Choose…
web-new-class = What kind?
web-open-conversation = Open the conversation
web-archive-reads = the archive service reads it
web-older = Older messages
web-newer = Next messages
web-newest = Newest messages
web-undecryptable = { $count ->
    [one] One message cannot be opened on this device. Its keys may still come; if not, tell the administrator.
   *[other] { $count } messages cannot be opened on this device. Their keys may still come; if not, tell the administrator.
}
web-no-message = No message yet.
web-will-be-delivered = This person is off duty: what you write will be delivered { $when }.
web-will-be-delivered-to = { $count ->
    [one] One of { $people } people is off duty: to them, what you write will be delivered { $when }.
   *[other] { $count } of { $people } people are off duty: to them, what you write will be delivered from { $when } on.
}
web-some-refused = A message has not left. It stays in its place with the reason, and can be sent again or copied there.
web-replying-to = In reply to
web-reply-cancel = Cancel the reply
web-message = Message
web-off-duty-writing = You are off duty. This message leaves when you are back, { $when }, unless you cancel it before.
web-off-duty-writing-open = You are off duty. This message leaves when you are back, unless you cancel it before.
web-send = Send
web-send-at-reopening = When I am back
web-keep-draft = Keep the draft
web-mention = Mention somebody
web-back-to-conversation = Back to the conversation
web-who-reads = Who can read what
web-you = you
web-settings = Settings
web-title = The conversation’s title
web-save = Save
web-mute-why = A muted conversation tells you nothing more on this computer. Announcements and urgent messages always get through.
web-mute-title = Mute
web-mute = Mute
web-mute-hours = { $count ->
    [one] Mute for an hour
   *[other] Mute for { $count } hours
}
web-muted = The conversation is muted.
web-unmute = Unmute
web-older-one = 1 older message has come
web-older-many = # older messages have come
web-newer-one = 1 new message
web-newer-many = # new messages
web-reply = Reply
web-more = Actions
web-message-of = Message written by { $name }
web-versions-wait = { $count } versions wait for a choice
web-retry = Try again
web-copy = Copy
web-react = React
web-react-withdraw = Withdraw my reaction
web-pin = Pin for everybody
web-unpin = Unpin
web-change = Change this message
web-edit = New text
web-cancel = Cancel
web-erase = Delete
web-erase-title = Delete this message
web-cancel-why = Cancelled, it will have been received by nobody.
web-erase-why = Deleted, it disappears from all devices, and everybody sees that it was.
web-versions = Versions
web-versions-why = These versions were written without knowing of each other. Nothing is lost: the author chooses which one stays.
web-keep-version = Keep this version
web-announce = Announce
web-asked-of-you = To confirm
web-other-announcements = The others
web-no-announcement = No announcement yet.
web-is-correction = correction
web-corrected-by = This announcement was corrected: see the new version
web-answer-open = Answer the team
web-answer-issuer = Answer the author
web-acknowledged = “Read and understood” is kept; it leaves as soon as there is network.
web-progress = How far the announcement is
web-count-held = will be delivered
web-count-unreached = not reached
web-count-delivered = received
web-count-read = read
web-back-to-announcements = All announcements
web-progress-caption = Person by person. Of people off duty, only their return is told.
web-person = Person
web-how-far = State
web-reminded = Reminded by the relay { $when }
web-reminder-will = A reminder goes by itself ({ $when }), once, to the people who are on duty then and have not confirmed.
web-reminder-went = The reminder has gone by itself ({ $when }), to the people who were on duty then and had not confirmed.
web-late = late
web-was-asked = “Read and understood” was wanted before { $when }
web-correct = Correct the announcement
web-correct-why = The first version stays, struck out. Whoever had confirmed it is asked again.
web-correct-stays = The first version stays, struck through.
web-correct-due-hint = Everybody is asked to confirm again before this time.
web-correct-due-over = The time by which this announcement was to be confirmed has passed. Choose another, so that everybody confirms the correction.
web-correct-unasked = Ask nobody for “Read and understood” any more
web-correct-choose-due = Until when is the correction to be confirmed? Choose a time, or tick “Ask nobody any more”. Nothing has left.
web-correct-now = Announce the correction
web-corrected = The correction is kept; it leaves as soon as there is network.
web-teams = To which teams?
web-announcement-text = Text of the announcement
web-due = “Read and understood” wanted before
web-due-hint = Optional. Without it nobody has to confirm.
web-due-past = The time has passed, or does not read. Choose one that is still to come. Nothing has left.
web-replies = Where do answers go?
web-replies-issuer = To you alone
web-replies-open = To the whole team
web-preview = See who will receive it
web-preview-again = See again who will receive it
web-announce-now = Announce
web-choose-team = Choose at least one team.
web-announced = The announcement is kept; it leaves as soon as there is network.
web-preview-title = Who will receive, and when
web-preview-changed = Your choices have changed since you looked: this is how it is now. Nothing has left; check it, then do it again.
web-preview-now = { $count ->
    [0] Nobody is on duty at this moment.
    [one] At once: { $count } person on duty.
   *[other] At once: { $count } people on duty.
}
web-preview-leave = On leave, counted apart: { $names }
web-my-hours = My hours
web-my-hours-why = When I can be reached, and what happens outside
web-my-proofs = My proofs
web-my-proofs-why = Show whom I want when I could be reached
web-diagnosis = Diagnosis
web-diagnosis-why = The state of this device, without any content
web-week-in = Ordinary week ({ $zone })
web-outside-hours = Outside these hours nothing is delivered to you and nobody knows whether your device is on. What you write leaves when you are back. Only an emergency passes, if you are on call.
web-leave = Leave
web-from-until = { $from }, until { $until }
web-prolong = I prolong my duty
web-prolong-why = An hour at most at a time, two hours a day. You receive and send as on duty.
web-minutes = { $count } minutes
web-prolonged = Duty prolonged by { $count } minutes.
web-rules-proposed = Waiting for approval
web-rules-who = { $count ->
    [0] { $when }: nobody would receive.
    [one] { $when }: one person would receive, { $names }.
   *[other] { $when }: { $count } people would receive, { $names }.
}
web-rules-standing = In force
web-rules = The rules in force
web-proof-what = The relay signs when you could be reached in a stretch of time; only you can ask for it. The file is verified without network and without account.
web-from = From
web-until = Until
web-proof-chain = Add the organisation’s decisions, for whoever wants to compute it all again
web-proof-download = Download the proof
web-proof-verify = To verify such a file: “estafette verify FILE”.
web-proof-order = The end must come after the beginning. Nothing was asked: correct one of the two times.
web-proof-past = This period is not over yet. The relay signs only what has taken place: choose an end in the past.
web-proof-needs-relay = The relay does not answer, and it alone can sign this proof. Nothing is lost: ask again when the network is back.
web-diagnosis-what = To be read to whoever helps you. There is no text here, no name and no key.
web-fact-version = Version
web-fact-contact = Last contact
web-fact-waiting = Waiting to leave
web-fact-statement = Last decision known
web-fact-clock = Clock off by
web-fact-store = Database
web-fact-faults = Last refusals
web-seconds = { $count } s
web-store-unsound = { $count ->
    [one] One defect found: tell the administrator
   *[other] { $count } defects found: tell the administrator
}
web-no-fault = None.
web-urgent = Urgent message
web-urgent-why = An urgent message reaches those on call at once, even off duty. It leaves a trace that all agents read; five at most in 24 hours by one person.
web-urgent-basis = On what basis?
web-urgent-basis-missing = Choose the legal basis: there is no urgency without one.
web-urgent-reason = Why?
web-reason-missing = The reason is missing: say why, in one sentence.
web-reason-long = The reason is too long: { $count } characters at most.
web-urgent-reason-hint = The relay and all agents read this reason: name nobody in it.
web-urgent-until = Until when is it urgent?
web-urgent-until-unread = The end of the urgency is missing. Choose it, { $latest } at the latest.
web-urgent-until-past = This end has passed already. Choose one that is still to come, { $latest } at the latest.
web-urgent-until-long = An urgency lasts 24 hours at most: it ends { $latest } at the latest. Another may follow.
web-urgent-minutes = Minutes before the next person is called
web-urgent-minutes-bad = Give a number of minutes, from 1 to { $count }.
web-urgent-check = Check
web-urgent-send = Send as urgent
web-urgent-written = The urgent message is kept; it leaves as soon as there is network.
web-urgent-answer = I am going
web-rules-why = Who decided them, and what is proposed to change
web-no-rule = No rule has been decided yet.
web-approve = Approve
web-refuse = Refuse
web-take-back = Take my proposal back
web-notices = Derogations and urgencies
web-notices-door = All of them, with basis and reason
web-notices-why = Each derogation is a notice to the staff’s representatives. All agents read it.
web-new = New:
web-statistics = Statistics
web-statistics-door = Derogations and messages outside hours, by service
web-statistics-why = Of a month that is over, by service; no figure of fewer than { $people } people.
web-statistics-caption = By service
web-month = Month
web-show = Show
web-service = Service
web-people = People
web-derogations = Derogations
web-off-hours = Messages outside hours
web-administration = Administration
web-admin-rest = The time without contact and what phones have to prove are set with “estafette admin” for now.
web-approvals = Waiting devices
web-approvals-why = Compare the fingerprint, then admit the device or refuse it
web-approvals-waiting = { $count ->
    [one] { $count } device waits: compare the fingerprint, then admit it or refuse it
   *[other] { $count } devices wait: compare the fingerprint, then admit them or refuse them
}
web-approvals-none = No device waits.
web-approvals-others = { $count ->
    [one] Another waits, with a ticket made on another computer.
   *[other] { $count } others wait, with tickets made on another computer.
}
web-approvals-unreachable = The relay does not answer: which devices wait is not known here. This page asks again by itself.
web-approvals-twice = Two devices wait for this serial number. Compare the fingerprint on the screen of yours: admit that one, and refuse the other.
web-approvals-too-late = Another device is in use for this serial number already. Refuse this one; if it is the right one, cut off the other first on the page “Devices”.
web-approvals-decided = This device waits no longer: it was decided already, in another window or by another administrator. Nothing has changed; the page “Devices” says how it stands.
approve-other-in-service = Another device is in use for { $name } · { $model }, serial { $serial } already: this one was not admitted. Refuse it; if it is the right one, cut off the other first.
web-device-of = agent { $agent } · { $model }, serial { $serial }
web-fingerprint = Fingerprint:
web-fingerprint-why = The device’s screen must show the same number. If not, refuse: somebody else took the ticket.
web-approve-same = It is the same: admit
web-refuse-device = Refuse
web-device-refused = The device is refused, its ticket destroyed.
web-devices-see-all = See all devices
web-devices = Devices
web-devices-why = { $count ->
    [one] { $count } device in use; declare one lost, replaced or retired
   *[other] { $count } devices in use; declare one lost, replaced or retired
}
web-search-devices = Name, team, model or serial number
web-contacts-unknown = The relay does not answer: last contacts and devices that wait are not shown.
web-device-count = { $count ->
    [0] No device.
    [one] { $count } device
   *[other] { $count } devices
}
web-devices-page = page { $page } of { $last }
web-devices-before = Devices before
web-devices-after = Devices after
web-device-next = What now
web-device-successor = If another device takes its place, it needs a line in the inventory, with its own serial number, and a ticket. It will find this person’s conversations.
web-device-successor-ticket = Make the ticket of { $model }, serial { $serial }
web-device-successor-import = Add a device to the inventory
web-device-suspended-next = A suspension is not lifted: the device stays locked, with its content. If it is cleared, remove Estafette from the device (on a computer: “estafette forget”), then enrol it again with a ticket.
web-device-retired-next = If it comes back into use, enrol it again with a ticket.
web-device-again-ticket = Make a new ticket for this device
web-cut-off = Cut this device off
web-cut-off-why = Its connections close within seconds, the keys are renewed, and it is ordered to destroy its content. Suspended, it locks and keeps its content.
web-cut-off-reason = Why?
web-cut-off-now = Cut the device off
web-own-device = This is the computer that you are using: another administrator can cut it off.
web-reason-lost = Lost or stolen
web-reason-replaced = Replaced
web-reason-retired = Retired
web-reason-suspended = Suspended
web-tickets = Tickets
web-tickets-why = A sheet to print for each device to be enrolled
web-tickets-what = A ticket enrols one device and lasts 24 hours. You approve the device afterwards, comparing its fingerprint.
web-tickets-again = A new ticket ends the one that was made for the same device already, and refuses the device that waits with it.
web-tickets-none = All devices of the inventory are enrolled.
web-tickets-for = For which devices?
web-tickets-make = Make the tickets
web-tickets-choose = Choose at least one device, and { $count } at most.
web-tickets-sheet = Sheet of tickets
web-tickets-once = This sheet can be opened again in this browser for an hour at most, and nowhere else. Print it, and hand each ticket to the person named on it, to nobody else.
web-tickets-gone = This sheet of tickets is not shown any more. If you lack some, make new tickets: they end the old ones.
web-tickets-some = { $count ->
    [one] One ticket is made, and here it is; the others are not.
   *[other] { $count } tickets are made, and here they are; the others are not.
}
web-print = Print
web-ticket-code = QR code of { $name }’s ticket
web-ticket-for = { $model }, serial { $serial } · good until { $until }
web-ticket-how = Scan the code with the device, or type this:
web-import = Inventory and directory
web-import-why = { $count ->
    [0] No line yet: import a file
    [one] { $count } line; import a file
   *[other] { $count } lines; import a file
}
web-import-what = Columns of the inventory: agent, name, team, platform, model, serial; of the directory: agent, name, first name, function, team. A bad line is reported and does not stop the others.
web-import-file = CSV file
web-import-content = Content of the file
web-import-replace = The file takes precedence: it replaces names and holders that differ
web-import-look = See what would change
web-import-send = Import
web-import-would = What would change
web-import-done = Done
web-import-counts = Lines that are new: { $added } · changed: { $updated } · there already: { $unchanged }
web-import-teams = New teams: { $teams }
web-import-refused = { $count ->
    [one] { $count } line refused
   *[other] { $count } lines refused
}
web-import-refused-why = Correct what follows in the file and import it again: the other lines are not concerned, and nothing is taken twice.
web-notes = Notes
web-no-note = No note yet.
web-new-note = New note
web-note-title = The note’s title
web-begin-note = Begin the note
web-note-changed = changed { $when }
web-note-here = Note written together
web-note-text = The note’s text
web-note-why = Several people can write at once, even without network: only what you change is sent, and what others wrote stays.
web-note-saved = The note is kept; it leaves as soon as there is network.
web-team = Team
web-missed = not seen for three days
web-duty-period = Plan a duty period
web-duty-period-why = Opens the hours of one person for a time. They see who decided it and why.
web-for-whom = For whom?
web-duty-reason-hint = That person and the relay read this reason.
web-duty-order = Plan this duty
web-duty-ordered = The duty is planned; that person sees it at their next contact.
web-duty-order-anyway = Order this service all the same
web-duty-flagged = This service exceeds a limit
web-duty-ahead = Services ordered
web-duty-nobody = Choose the person for whom this service is ordered.
web-duty-unread = The beginning or the end is missing. Choose both, date and time.
web-duty-inverted = The end must come after the beginning. Correct one of them.
web-duty-past = This service would be over already. Choose an end that is still to come.
web-duty-long = A service that is ordered lasts 48 hours at most. Choose an end that is nearer, or order several services with rest between them.
web-duty-same = This service is ordered for this person already, at the same hours. There is nothing more to do.
web-duty-overlap = A service is ordered for this person during these hours already. Choose another time.
web-duty-refused = This service cannot be ordered: { $why }
web-line = Line
web-why = Reason

# --- The wall of the demonstration ---
wall-title = A day of Estafette, on one wall
wall-what = Four phones and the administration’s computer: real devices and a real relay, all on this machine. Nothing is played; every screen can be used.
wall-passphrase = A device left alone for ten minutes locks. Passphrase of all devices on this wall: “{ $passphrase }”.
wall-rising = The relay and the devices are starting…
wall-ending = The relay and the devices are ending…
wall-ready = The wall is there (after { $seconds } s): { $link }
    Ctrl-C ends everything and leaves nothing of it.
wall-clock = Clock of the demonstration
wall-forward = It only goes forward.
wall-to = Go to { $time }
wall-hour = One hour more
wall-controls = Controls
wall-storm = Storm at 21:00
wall-rush = Replay a busy hour
wall-personal = Bring a personal phone
wall-rooted = Bring a rooted phone
wall-enrol = Enrol a new phone
wall-cut = Cut
wall-thin = Slow down
wall-mend = Mend
wall-the-network = the network
wall-lose = Declare lost
wall-network-good = Normal network
wall-network-thin = Thin network
wall-network-cut = No network
wall-down = { $bytes } bytes received
wall-delivers = On duty: the relay delivers.
wall-holds-until = Off duty: the relay holds everything until { $when }.
wall-holds = Off duty: the relay holds everything.
wall-holds-but-calls = Off duty, on call: the relay holds everything but an urgent message.
wall-cut-off = Lost: the relay admits it no more. It will erase itself at its next contact.
wall-cut-off-empty = Lost: the relay admits it no more, and its content is erased.
wall-retired = Withdrawn: the relay admits it no more. It will erase itself at its next contact.
wall-retired-empty = Withdrawn: the relay admits it no more, and its content is erased.
wall-suspended = Suspended: the relay admits it no more. It locks, and keeps its content.
wall-phone = { $name }’s phone
wall-office = The administration’s computer: { $name }
wall-pane = What the relay sees
wall-pane-sum = { $entries ->
    [one] { $entries } sealed message
   *[other] { $entries } sealed messages
}, { $bytes } bytes. It has the key of none.
wall-sealed = The last messages, as it keeps them
wall-at = Received at
wall-size = Size
wall-first = First bytes
wall-bytes = { $bytes } bytes
wall-urgent = urgent
wall-decisions = What it decides
wall-audit = Its audit, last lines
wall-tour = A tour in seven steps
wall-step = Tour, step { $step } of 7
wall-tour-done = The tour is over. All of it is yours: write from a phone, or use the controls.
wall-told = What has just happened
wall-told-nothing = Nothing yet.
wall-doing = Under way: “{ $what }”. The other controls wait until it is done.
wall-busy = Another control is under way. Wait until it is done, then try again.
wall-silent = The demonstration does not answer; trying again…
wall-over = The demonstration is over. To see another, start it again and open the address that it prints.
wall-no-answer = The control was not carried out: the demonstration refused it or did not answer. Load the page again, then try again.
wall-moved = The clock of all devices and of the relay has gone forward.
wall-mended = { $name }’s phone has a network again.
wall-thinned = { $name }’s phone has a thin network: 50 kbit/s, 600 ms there and back.
wall-was-cut = { $name }’s phone has no network any more.
wall-lost-empty = { $name }’s phone is cut off from the relay and emptied.
wall-lost-cut = { $name }’s phone is cut off from the relay; it will erase itself at its next contact.
wall-lost-off-duty = { $name }’s phone is cut off from the relay; it will erase itself at its next contact. Off duty it has one an hour.
wall-lost-unreached = { $name }’s phone is admitted no more. Without network it has not received the order to erase yet; it will lock by itself.
wall-enrolled = { $name } has a new phone: enrolled, approved by the administration, and in its conversation.
wall-enrolled-off-duty = { $name } has a new phone: enrolled and approved by the administration. Off duty, it will come to its conversation when duty begins.
wall-enrolled-apart = { $name } has a new phone: enrolled and approved by the administration. It is not in its conversation yet: a phone of the team that is on duty, with a network, will let it in.
wall-personal-refused = A { $other } has shown a real ticket: refused. { $why }
wall-rooted-refused = A rooted { $other } has shown a real ticket: refused. { $why }
wall-storm-said = It is 21:00. Léa has declared an urgency: she calls whoever is on call.
wall-rush-said = { $messages ->
    [one] { $messages } message written
   *[other] { $messages } messages written
} as in a recorded hour.
wall-not-done = That was not done: { $cause }
wall-no-phone = { $name }’s phone was lost or withdrawn. Choose “Enrol a new phone”, then try again.
wall-no-network = { $name }’s phone has no network. Mend it, then try again.
wall-nobody-writes = No phone on duty can write in the team’s conversation. Choose “Enrol a new phone”, then try again.
wall-tour-1 = At 07:40 Léa has begun, her team has not yet: she writes all the same.
wall-tour-1-do = Léa writes
wall-tour-1-fact = Léa’s message is handed to the relay, which holds it: no phone of the team has it.
wall-tour-2 = At 08:00 the team comes on duty.
wall-tour-2-do = Go to 08:00
wall-tour-2-fact = Amine and Chloé have received the message. Paul, on leave, has received nothing.
wall-tour-3 = Amine enters a valley without network, and writes.
wall-tour-3-do = Cut the network of Amine, who writes
wall-tour-3-fact = His message is kept on his phone, waiting to leave. The relay has nothing of it.
wall-tour-4 = He comes out.
wall-tour-4-do = Mend Amine’s network
wall-tour-4-fact = The message has left by itself; Léa has received it.
wall-tour-5 = Somebody brings a personal phone, with a real ticket.
wall-tour-5-do = Bring a personal phone
wall-tour-5-fact = The { $other } is refused. { $why } Nobody waits for approval.
wall-tour-6 = Chloé has lost her phone.
wall-tour-6-do = Declare Chloé’s phone lost
wall-tour-6-fact = It is cut off from the relay and emptied, { $seconds } s after the declaration.
wall-tour-7 = 21:00, the storm: everybody is at home. Léa calls whoever is on call.
wall-tour-7-do = Storm at 21:00
wall-tour-7-fact = Amine, on call, has received the urgency. Paul has received nothing. The relay’s audit keeps who declared it.
wall-pass = Leave this step out
wall-late = A device or the relay is not where this expects it. Look at its network and the clock, then try again.

# --- The register of processing, and what the relay knows ---
web-register = What the relay knows
web-register-door = The record of processing, drawn from the relay itself
web-register-what = This page is drawn from the relay’s schema, settings and counts, on { $when }. It is also the entry of the register of processing (GDPR, Article 30).
web-register-never = What the relay does not have
web-register-never-what = The text of messages, notes and announcements, the names of people and teams: the relay passes them on sealed and has the key of none. It has no address book, no telephone number, no position.
web-register-kept = What is kept
web-register-why = What for
web-register-until = Until when
web-register-tables = { $count ->
    [one] { $count } table of the relay
   *[other] { $count } tables of the relay
}
web-register-rows = { $rows ->
    [0] no row
    [one] { $rows } row
   *[other] { $rows } rows
}
web-register-many = { $rows } rows or more
web-register-settings = The relay’s settings
web-register-version = Version of the relay: { $version }
web-register-no-wake-ups = No wake-up is sent to a notification service.
web-register-wake-ups = Empty wake-ups, all alike, are sent to: { $hosts }
web-register-development = This relay is made for trials: it takes devices without proof.
kept-days = { $days } days
kept-days-between = { $least } to { $most } days
kept-no-conversation = no conversation yet
kept-messages = Sealed messages
kept-messages-what = Of each message: the sending device, its conversation, its rank, when it was received, its size, whether it is urgent, and the sealed content.
kept-messages-why = Handing each message to everybody during their hours.
kept-messages-until = Conversations of teams: { $teams }; conversations of two: { $pairs } days. Then the content is destroyed; rank, device, time and fingerprint stay, so that what follows can be checked.
kept-marks = Received, read
kept-marks-what = Of each device and conversation: two sealed marks. The relay sees when they change, not how far somebody has read; what is read off duty is told at the reopening only.
kept-marks-why = Telling an author that a message has arrived and was read.
kept-marks-until = Replaced at each change.
kept-statements = The organisation’s decisions
kept-statements-what = The signed decisions, readable: devices admitted and withdrawn, roles, teams, hours, leave, on-call duty, derogations with their reason. Agents are numbers there.
kept-statements-why = Letting everybody check who is admitted, and when the relay has to be silent.
kept-statements-until = As long as the organisation: the chain is not cut.
kept-groups = Groups and public keys
kept-groups-what = Who is in which conversation, by device, public keys, and group messages sealed for one device.
kept-groups-why = That only members of a conversation can open it.
kept-groups-until = As long as the organisation; a message for a device, until it was taken.
kept-devices = Devices
kept-devices-what = The inventory (model, hashed serial number, agent’s number), enrolments, each phone’s evidence, the day of the last contact, the wake-up address.
kept-devices-why = Admitting the employer’s devices alone, and cutting off a lost one.
kept-devices-until = The inventory and the enrolments, as long as the organisation; the evidence of a withdrawn phone, a year.
kept-names = Sealed directory
kept-names-what = One sealed block, which only admitted devices open.
kept-names-why = That devices show names instead of numbers.
kept-names-until = Replaced at each edition.
kept-announcements = Announcements and “Read and understood”
kept-announcements-what = Of each announcement: the sending device, when it is due, and which agents have acknowledged it. Its text is sealed.
kept-announcements-why = Counting acknowledgements and reminding whoever is on duty.
kept-announcements-until = Announcements: { $days }.
kept-urgencies = Urgent messages
kept-urgencies-what = Of each urgent message: who was called, when, and who has answered. The reason is readable.
kept-urgencies-why = Calling the rota in its order, and letting agents check it.
kept-urgencies-until = As the message that it is the call of.
kept-off-hours = Count of messages outside hours
kept-off-hours-what = By month and conversation, a number. Nothing by agent.
kept-off-hours-why = The statistics of staff representatives.
kept-off-hours-until = As long as the organisation.
kept-audit = Audit
kept-audit-what = One line for each act of the administration and each refusal, chained and signed. Neither text nor name.
kept-audit-why = That a line that was removed or changed is seen.
kept-audit-until = As long as the organisation.
kept-unknown = Not described
kept-unknown-what = The relay keeps tables that this version of the desk does not know. Update the desk, or ask what they hold.

# --- The desk: administrator and officer ---

web-hours-editor = Hours
web-hours-editor-why = Of the organisation, a team or an agent: checked, then proposed
web-hours-editor-what = Nothing changes here at once: hours are checked against the rest that they leave, then proposed, and a second person approves them.
web-hours-of = Show the hours of
web-hours-standing = Show what is in force
web-hours-for = For whom?
web-hours-everybody = The whole organisation
web-hours-week = Hours of the week
web-hours-week-hint = For example: mon-fri 08:00-12:00 13:30-17:00; sat 08:00-12:00
web-hours-zone = Time zone
web-hours-place-what = Without a place, public holidays count like any other day.
web-hours-place = Also closed on the public holidays of
web-hours-no-place = None
web-hours-profile = Minimum rest
web-hours-prolongation = The agent may extend their duty, an hour at a time
web-hours-at = Who would receive a message at this moment?
web-hours-look = Check, and see who would receive
web-hours-propose = Propose these hours
web-hours-understood = Understood as
web-verdict-fine = Rest is respected
web-verdict-flag = Flagged: to be looked at before proposing
web-verdict-refuse = Refused: these hours do not leave the rest that is due
web-who-receives = Who would receive on { $when }
web-who-today = by the rules in force: { $state }
web-who-more = { $count ->
    [one] And { $count } other agent.
   *[other] And { $count } other agents.
}
web-proposal-in-force = It is in force.
web-proposal-waits = Proposed, as no. { $number }. Nothing changes until a second person approves it here.
web-proposal-alone = Proposed, as no. { $number }. Nobody else can approve: you can confirm here from { $when } on. Until then all agents see it coming.
web-shifts = Shifts and on call
web-shifts-why = Duty and turns on call, from a file
web-shifts-what = A CSV or iCalendar file. Columns: agent, from, until; optional: date, kind (duty, on-call), team, rank, reason, time zone. A bad line is reported and does not stop the others.
web-shifts-file = CSV or iCalendar file
web-shifts-send = Take these shifts
web-shifts-refused = Refused lines
web-shifts-flagged = Lines taken and flagged
web-rota-of = On call in { $team }
web-teams-all = Teams
web-teams-all-why = Who is in them, who leads them
web-teams-none = No team for now.
web-team-people = { $count ->
    [0] Nobody for now
    [one] { $count } person
   *[other] { $count } people
}
web-team-led-by = led by { $names }
web-team-unled = nobody leads it
web-team-new = New team
web-team-name = Team’s name
web-team-name-bad = Give a name on one line, of { $count } characters at most.
web-team-there = A team has this name already.
web-team-make = Create the team
web-team-made = The team is made, with its conversation and its announcements.
web-team-changed = Done: the devices concerned learn of it at their next contact.
web-team-empty = Nobody for now. An agent comes with their enrolled device.
web-team-leads = leads the team
web-team-end-lead = Remove as leader
web-team-remove = Remove from the team
web-team-add = Bring an agent in
web-team-add-hint = The agent will read what is written after joining, and nothing from before.
web-team-add-now = Bring in
web-team-who = Who?
web-team-who-comes = Who comes?
web-team-who-leads = Who leads it?
web-team-appoint = Give the lead
web-team-appoint-hint = Whoever leads a team announces there, sees who is on duty and plans duty.
web-team-appoint-now = Make leader
web-team-hours = The team’s hours
web-agents-all = Agents
web-rights = Rights and mandates
web-rights-why = Urgencies, approval of rules, staff representatives
web-right-urgency = Declare an urgency
web-right-urgency-what = No role includes this right. Its use is logged, and all agents see the reason.
web-right-approver = Approve proposed rules
web-right-approver-what = Administrators can already. A supervisor can be appointed to it, with the approval of two people.
web-right-representative = Represent the staff
web-right-representative-what = Representatives are told of every derogation from rest. Two people decide.
web-right-nobody = Nobody for now.
web-right-give = Give this right
web-right-propose = Propose
web-right-withdraw = Take away
web-exceptions = Exceptions to attestation
web-exceptions-why = Phones admitted without evidence, for a time and with a reason
web-exceptions-what = A phone that could not prove what it is can be admitted for a time. Two people decide; after the end date the relay refuses it.
web-exceptions-none = No exception.
web-exception-new = New exception
web-exception-no-phone = The inventory has no phone yet.
web-exception-phone-of = Phone of
web-exception-reason-hint = Whoever reads the rules reads this reason.
web-exception-until = Last day
web-exception-propose = Propose this exception
web-exception-ends = admitted until { $until } included
web-exception-over = ended on { $until }
holiday-place = { $place ->
    [metropole] Metropolitan France
    [alsace-moselle] Alsace-Moselle
    [alsace-moselle-sans-vendredi-saint] Alsace-Moselle, without Good Friday
    [guadeloupe] Guadeloupe
    [martinique] Martinique
    [guyane] French Guiana
    [reunion] Réunion
    [mayotte] Mayotte
    [saint-pierre-et-miquelon] Saint-Pierre-et-Miquelon
    [saint-barthelemy] Saint-Barthélemy
    [saint-martin] Saint-Martin
    [polynesie] French Polynesia
    [nouvelle-caledonie] New Caledonia
    [wallis-et-futuna] Wallis and Futuna
   *[other] { $place }
}

# --- The audit, in the desk ---
web-audit = The relay’s audit
web-audit-door = each act and each refusal, verified on this computer
web-audit-what = The relay writes a line for each act and each refusal. This computer follows the whole chain at each visit: a line that was removed or changed is seen.
web-audit-line = line { $number }
web-audit-older = Older lines
web-audit-whole = The chain holds: { $lines ->
    [one] { $lines } line
   *[other] { $lines } lines
}, from the first to the last, signed by the relay on { $when }.
web-audit-missing = The chain does not hold: line { $line } is missing.
web-audit-altered = The chain does not hold: line { $line } was changed.
web-audit-unsigned = The chain does not hold: the signature of its end is missing or not this relay’s.
web-audit-broken-then = Keep a copy of the relay’s folder before anything else, and tell whoever answers for security. What follows ends where the chain holds.
audit-by-operator = on the relay’s machine
audit-by-relay = the relay
audit-by-key = the organisation’s key
audit-by-stranger = a stranger
audit-times = { $times } times
audit-founded = Organisation founded
audit-device-certified = Device admitted to the organisation
audit-device-revoked = Device withdrawn
audit-device-wiped = Erasure confirmed by the device
audit-device-barred = Phone barred: its key is revoked
audit-device-cleared = Phone no longer barred
audit-device-reattested = Phone verified anew
audit-revocations-taken = List of revoked keys taken
audit-lease-set = Lease changed
audit-role-set = Role given
audit-roster-made = Conversation made
audit-device-admitted = Device brought into a conversation
audit-device-removed = Device taken out of a conversation
audit-calendar-set = Hours changed
audit-policy-proposed = Rule proposed
audit-policy-approved = Rule approved
audit-policy-withdrawn = Proposal withdrawn
audit-second-person = Second person required
audit-leave-granted = Leave entered
audit-duty-added = Duty period added
audit-on-call-added = On-call period added
audit-derogation-added = Derogation from rest
audit-urgency-right = Right to urgency changed
audit-urgency-approved = Wide urgency approved
audit-urgency-declared = Urgency declared
audit-call-unanswered = Nobody has answered
audit-duty-prolonged = Service prolonged by the agent
audit-rota-set = Rota changed
audit-rest-added = Rest after an intervention
audit-inventory-changed = Inventory changed
audit-directory-replaced = Sealed directory replaced
audit-ticket-opened = Ticket opened
audit-enrolment-begun = Enrolment begun
audit-enrolment-completed = Enrolment waiting for approval
audit-enrolment-approved = Enrolment approved
audit-enrolment-refused = Enrolment refused
audit-enrolment-burnt = Ticket cancelled after too many tries
audit-clock-confirmed = Relay’s clock confirmed
audit-retention-executed = Contents due were destroyed
audit-evidence-erased = Evidence of a withdrawn phone destroyed
audit-refused = Refused

web-interventions = My interventions
web-interventions-why = On call: when, how long, and the record to hand over
web-interventions-what = An intervention begins when you answer a call. This record is kept on this computer alone; nothing of it is sent.
web-intervention = From { $from } to { $until }: { $length }
web-intervention-open = Since { $from }, ends by itself on { $until }
web-intervention-end = End the intervention
web-interventions-file = The record as a file
web-interventions-rest = To have your opening shifted and the rest that is due restored, if you want it, hand it over to the administration.
web-interventions-csv = Download a table (CSV)
web-interventions-json = Download as JSON

leave-page = Leave and rest
leave-page-why = Agents’ leave, and a later start after an intervention
leave-recorded-title = Recorded leave
leave-new-title = Record leave
leave-what = While a leave lasts nothing reaches the agent, on call or not. Their team sees them “on leave”, and their phone does not lock because of it.
leave-stays = A leave that was recorded is not removed. To have somebody back earlier, order a duty period.
leave-first-day = First day
leave-last-day = Last day, included
leave-record = Record the leave
leave-recorded = Leave recorded.
leave-none = No leave now or to come.
leave-backwards = The last day stands before the first.
leave-over = This leave is already over.
rest-title = Rest after an intervention
rest-what = When somebody on call has worked, their next start is put back until they have had their full rest.
rest-began = Beginning of the intervention
rest-ended = End of the intervention
rest-look = See what it changes
rest-record = Put the start off
rest-recorded = The start is put off. The agent sees it in their hours.
leave-day = On { $day }
leave-days = From { $first } to { $last }, included

gather-title = With several
gather-what = A conversation with agents of your teams. It belongs to the service: your teams’ archive reads it too, first in the list. Whoever joins later can read all of it.
gather-name = Title
gather-name-hint = Say what it is for, for example “Snow clearing on the plateau”.
gather-with = With whom?
gather-nobody = Choose at least one person.
gather-make = Open the conversation with several
gather-made = { $count ->
    [one] Conversation opened with { $count } person.
   *[other] Conversation opened with { $count } people.
}
gather-comes = Bring in
gather-add = Add to the conversation
gather-leaves = Take out
gather-remove = Remove from the conversation
gather-added = Added to the conversation.
gather-removed = Removed from the conversation.
gather-history = Whoever joins also reads what was written before. Whoever leaves keeps what was delivered to them, and receives nothing more.
web-left = you are no longer in it
web-left-why = You are no longer in this conversation. What was delivered to you stays here, and nothing else will come.

derogate-title = Derogate from rest
derogate-why = Open agents’ hours for a time, on a legal basis and with a reason
derogate-what = Everybody’s messages will reach these agents until the end that you say, 24 hours at most. They see it, all agents can read it, and every staff representative is told.
derogate-until = Until when?
derogate-now = Open their hours now
web-take-away = Take away
web-copied = Copied.


web-administrators = Administrators
web-administrators-why = Who administers, and a second administrator’s computer
web-administrators-one = A single computer administers the organisation. If it is lost, only the recovery sheet is left.
web-administrators-computers = { $count ->
    [one] One computer
   *[other] { $count } computers
}
web-administrators-add = Add an administrator
web-administrators-what = This person gets a number for administration alone, even where they are an agent too. The ticket works once, on their computer, for 24 hours; then you approve that computer.
web-administrators-name = Administrator’s name
web-administrators-serial = Serial number of their computer
web-administrators-serial-what = It is on its underside or its back.
web-administrators-serial-bad = The serial number of the computer is needed, of { $count } characters at most.
web-administrators-now = Create the ticket

beside-title = What comes beside them
beside-duty = Duty ordered by { $author }
beside-derogation = Derogation by { $author } ({ $basis })
beside-rest = Rest after an intervention, noted by { $author }: your opening is put off
beside-prolonged = You prolong your duty
beside-rota = On call in { $team }, call no. { $place }
beside-on-call = On call

departures = Departures
departures-why = Close the account of an agent who leaves the organisation
departures-what = All the agent’s devices are cut off, and their roles end. What they wrote stays readable, with their name.
departures-who = Who is leaving?
departures-look = See what ends
departures-devices = { $count ->
    [0] No device to cut off: only their roles end.
    [one] One device will be cut off, and its content erased at its next contact.
   *[other] { $count } devices will be cut off, and their content erased at their next contact.
}
departures-teams = Nobody will lead any more: { $teams }. Give these teams to somebody else.
departures-now = Close their account
departures-not = Change nothing
departures-nobody = Nobody else has a device or a role.

profile-name = { $profile ->
    [fpt] Local authorities (France)
    [fpe] State services (France)
    [fph] Public hospitals (France)
    [interior-2002-1278] Services of the Interior Ministry (France)
    [winter-2002-259] Winter road service (France)
   *[other] { $profile }
}
web-hours-profile-texts = The legal texts

web-begin = Welcome
web-begin-what = Estafette is not set up on this computer yet. What do you want to do?
web-begin-join = Join my organisation
web-begin-join-why = You were given a ticket by your administrator.
web-begin-create = Create an organisation
web-begin-create-why = You have the first ticket, the one that the relay printed when it was set up. It takes a quarter of an hour and a printer, or paper.
web-begin-recover = Come back with the recovery sheet
web-begin-recover-why = The administrator’s computer is lost or broken, and you have the sheet before you.
web-step-order = Last steps
web-recover-what = Nothing goes to the relay before the end of the second step. Then this computer administers the organisation again.
web-recover-agent = Your agent number
web-recover-agent-what = Whoever created the organisation is number 1.
web-recover-agent-bad = An agent number is written in digits, for example 1.
web-recover-words = The 24 words of the sheet
web-recover-words-what = In the order of their numbers. Accents, capitals and line breaks do not matter.
web-recover-relay = The relay, as the sheet gives it
web-recover-other-line = This is not the relay’s line of the sheet: it is a device’s ticket. Copy the line of the sheet.
web-recover-now = Administer the organisation again
web-recovered = This computer administers the organisation again
web-recovered-lost = Cut off the lost computer
web-recovered-lost-what = As long as it is not cut off, whoever finds it and knows its passphrase administers too. Choose it here; on its page, cut it off as “lost”.
web-recovered-lost-none = No other computer administers the organisation.
web-recovered-since = enrolled { $day }
web-recovered-inventory = Find the inventory again
web-recovered-inventory-what = Names and teams come back from the relay, which cannot read them. Models and serial numbers were on the lost computer alone: import your file again.
web-recovered-inventory-done = The inventory is on this computer.
web-recovered-teams = Find your conversations again
web-recovered-teams-what = This computer is in no team yet. Once the lost one is cut off, add yourself to those whose conversations you read.
web-recovered-sheet = Put the sheet away
web-recovered-sheet-what = It is still valid. Put it back into its safe.
web-begin-again = Start over
web-begin-unreachable = The relay { $relay } does not answer. Nothing was begun, and what you wrote is still here.
web-begin-unreachable-advice = Check that this computer is on the network, then try again. If it goes on, tell the person who looks after the relay.
web-step = Step { $number } of { $count }
web-step-done = done
web-step-ticket = Ticket
web-step-passphrase = Passphrase
web-step-approval = Approval
web-step-organisation = Organisation
web-step-sheet = Recovery sheet
web-step-team = Team
web-step-tickets = Tickets
web-next = Continue
web-previous = Back to the previous step
web-later = Later
web-later-what = Nothing is lost: the conversations page reminds you where to go on.
web-join-what = Paste the ticket here that your administrator gave you. A ticket works once, within 24 hours.
web-join-ticket = Ticket
web-join-ticket-what = It begins with “estafette://e”. Spaces and line breaks do no harm.
web-join-claim-ticket = This ticket creates an organisation, it joins none. Ask your administrator for a ticket for this computer. If creating the organisation is up to you, start over and choose “Create an organisation”.
web-join-for = This ticket is good. It enrols this computer, listed as “{ $model }” in the inventory, with the relay { $relay }.
web-join-name = Your name on this computer
web-join-name-what = You will give it each time. Letters, digits, - or _; { $count } signs at most.
web-join-name-bad = This name will not do, or somebody here has it already. Choose another one, without spaces.
web-join-now = Enrol this computer
web-join-other-ticket = Take another ticket
web-passphrase-choose = Choose your passphrase
web-passphrase-new = New passphrase
web-passphrase-again = The same, once more
web-passphrase-what = At least { $count } characters: four words that have nothing to do with each other make a good one.
web-passphrase-lost = It alone opens your conversations on this computer. Nobody can find it again for you.
web-passphrase-short = This passphrase is too short: it needs at least { $count } characters.
web-passphrase-long = This passphrase is too long: { $count } characters at most, on one line.
web-passphrase-simple = This passphrase can be guessed: it repeats itself or follows the keys of the keyboard. Take different words.
web-passphrase-unequal = This is not the same passphrase. Write it the same way twice.
web-create-what = Nothing goes to the relay before the third step: you can stop at any time.
web-create-name = Name of the organisation
web-create-agent-name = Your name
web-create-ticket = The relay’s first ticket
web-create-ticket-what = The command “estafette-relay init” printed it. Spaces and line breaks do no harm.
web-create-name-bad = A name is needed, of { $count } characters at most, on one line.
web-create-join-ticket = This ticket joins an organisation, it creates none. Take the one that the relay printed when it was set up. If you are an agent, start over and choose “Join my organisation”.
web-first-place = Where do the agents work?
web-first-place-what = The place sets public holidays and the time zone.
web-first-hours-what = Outside these hours, nothing rings for agents. You can change them later, also for one team. For example: mon-fri 08:00-12:00 13:30-17:00; sat 08:00-12:00
web-sheet = Recovery sheet
web-sheet-what = These 24 words are the key of your organisation. If this computer is lost or burns, they alone can appoint a new administrator.
web-sheet-once = Print this sheet, or copy it by hand. After the check it is never shown again, and it is kept nowhere. Take no photo of it.
web-sheet-of = Recovery sheet: { $name }
web-sheet-on-paper = What it is for: giving the organisation an administrator again when their computer is lost. On a new computer Estafette offers “Come back with the recovery sheet”. Where to keep it: in a safe, in a closed envelope, away from the computer. Whoever holds it can decide everything in the administrator’s place.
web-sheet-code = The 24 words as a QR code
web-sheet-relay = The relay, to be copied too:
web-sheet-have = I have the sheet on paper
web-check = Let us check the sheet
web-check-what = Take your sheet and write the three words that are asked for. Accents do not count.
web-check-word = Word number { $place }
web-check-wrong = This is not word number { $place }. Read your sheet again: the number stands before the word.
web-check-now = Check and create the organisation
web-check-back = See the sheet again
web-check-correct = Correct the name, the ticket or the hours
web-founded = The organisation { $name } is created, and this computer administers it.
web-waiting = The administrator’s approval is missing
web-waiting-refused = This computer was not admitted
web-waiting-refused-why = The administrator did not admit this computer, or its ticket is void.
web-waiting-refused-advice = Ask them for the reason and for a new ticket. Nothing was lost: this computer holds nothing yet.
web-waiting-founder = A contact with the relay is missing
web-waiting-founder-what = This computer administers the organisation. This page goes on by itself once the relay answers.
web-waiting-other-ticket = Try with another ticket
web-waiting-unreachable = The relay { $relay } does not answer at the moment. Your request may be there already; this computer tries again by itself. Check the network.
web-waiting-what = This computer is enrolled and waits to be admitted.
web-waiting-model = Model in the inventory
web-waiting-relay = Relay
web-waiting-next = What now?
web-waiting-first = Call your administrator, or go and see them, and read the fingerprint to them.
web-waiting-second = They see the same on their screen, and admit you.
web-waiting-third = This page then opens your conversations by itself. You can close it meanwhile.
web-waiting-looks = This page looks every { $seconds } seconds whether it is done.
web-waiting-still = Stop looking
web-new-agent = New agent on this computer
web-first = First steps of the organisation
web-first-hours = The hours
web-first-hours-missing = The relay did not get the organisation’s hours. Set them now.
web-first-hours-now = Set these hours
web-first-hours-set = The hours are set.
web-first-team = The first team
web-first-team-what = A team has a conversation and its announcements. Write one person a line.
web-first-computers = People who have a computer
web-first-computers-what = For example: Amine Kaci. You may add the model and the serial number: Amine Kaci ; Portable ; S3
web-first-phones = People who have a phone
web-first-phones-what = With the model, which the phone will prove: Chloé Martin ; Pixel 9a
web-first-own = I am in it too
web-first-team-now = Create the team
web-first-import = I have the list in a file already
web-first-no-model = The name or the phone’s model is missing on the line of “{ $name }”.
web-first-too-many = There are more than { $count } lines: take a file instead.
web-first-team-made = The team { $name } is made.
web-first-tickets = The first ticket
web-first-tickets-none = The inventory has no device to enrol yet.
web-first-done = It is ready
web-first-done-what = Give everybody their ticket. Here is where you will come back to.
web-first-approvals = Each device waits here for your approval, with its fingerprint
web-first-hours-later = For the whole organisation, a team or an agent
web-first-inventory = Add people and devices
web-first-second-person = Add a second administrator soon: alone, you wait 24 hours for each rule.
web-first-reminder = Your organisation has no team yet.
web-first-go-on = Go on with the first steps
web-first-serial = To be noted, no. { $number }
web-first-computer = Computer
web-tickets-next = When the devices are enrolled, compare their fingerprint:
web-form-too-large = What you sent is too long. Nothing of it was taken, and nothing is lost.
web-form-too-large-advice = Go back with the browser’s “Back” button: your text is still there. Shorten it, or send it in several parts.
web-right-officer = Watch over data
web-right-officer-what = The data protection officer or the archivist reads the relay’s audit and the statistics. It opens no conversation to them.
officer-appointed = { $name } watches over data from now on.
officer-ended = { $name } no longer watches over data.
urgencies-title = Declared urgencies
urgencies-what = The last hundred. Everybody may read who disturbed people on call, on which basis and why; the messages themselves stay in their conversation.
urgencies-unknown = The relay tells them to who is on duty, and did not answer now.
urgencies-none = No urgency was declared.
urgency-declared-by = { $at }, by { $author }
urgency-by-withdrawn = a withdrawn device
urgency-terms = { $basis }, until { $until }
urgency-terms-erased = Its retention is over: the reason is kept no more.
urgency-nobody = Nobody has answered.
