"""What a cabin and the centre say to each other: the only thing they share besides the rules. Pure: no I/O, no clock.

Everything travels as JSON over HTTP; every signature is Ed25519 over `canonical({"what": <name>, "body": <body>})`, so a
lease can never pass for a confirmation. A public key is its 32 raw bytes in base64url without padding. Instants are
ISO 8601 in UTC; money is integer céntimos; there are no floats. Unknown fields are kept, hashed and ignored.

**Pairing.** `POST /api/v1/cabinas/emparejamientos` (public, limited; needs `Idempotency-Key`), body `PairingRequest`: the secret
part of the one-time code, the device key made on the cabin, the machine's fingerprint. 201 with `Sealed[PairingAnswer]` signed by
the centre: its key, the lease, the catalogue. A person types `pairing_code(secret, centre_key)` = `K7Q4-M2XD-<12 characters of the
centre key's fingerprint>`; the cabin posts only the secret, and refuses an answer whose key has another fingerprint. The same
secret with the same device key gets the same answer again (a lost reply); with another key, 409 `cabina.codigo_usado`. An
unknown or expired secret: 404 `cabina.codigo_desconocido`.

**Batches.** `POST /api/v1/cabinas/{code}/lotes`, body `Sealed[Batch]` signed by the device key; 200 with `Sealed[BatchReply]` signed by
the centre. It carries events of one series epoch, oldest first, none at all when the cabin only asks for news (every
`POLL_S` at the latest). The batch is its own idempotency key: the same events again get the same answer, so no
`Idempotency-Key` is required. `nonce` comes back in the reply: an old reply is never taken for a new one.

- Batch signature false or key unknown: 401 `sync.firma_invalida`, nothing held. `cabina` unlike the path: 422. Too large: 413 `sync.lote_excedido`.
  A revoked or suspended device's batches are received and flagged, never refused.
- Each event of an authentic batch is *held*, keyed (cabina, epoch, seq). Same key and hash: already held. Same key, other
  hash: fork; nothing is overwritten, the epoch freezes and the reply says `frozen`. An event that does not verify (`check_event`)
  or whose payload cannot be applied is held in quarantine and named in `quarantined`; it blocks no later one.
- An event that does not chain to its held neighbours (`check_follows`) is quarantined and freezes the epoch, as a fork does: one key wrote
  two histories. A frozen epoch gets no lease; its cabin is paired again, with another key.
- `quarantined` names all that is still in quarantine of the cabin, of any epoch, oldest first, 100 at most.
- `last_seq` is the contiguous held sequence of the batch's epoch, quarantine included; the cabin goes on from it. A gap is not
  an error: what lies beyond it may be held, `last_seq` stays before it.
- `centre_epoch` unlike the one the cabin knew (the centre was restored): the cabin offers every epoch again from what `last_seq` says.
- `confirmations`: all whose acceptance event is not held yet, oldest first, `MAX_CONFIRMATIONS` at most. The cabin's
  acceptance is an event carrying the sealed confirmation, so a restored centre rebuilds it.
- `settlements`: those treasury closed whose acceptance is not held yet, by their numbers, as `confirmations` are.
- `lease`: a new one when the series is half spent or a day old, or with a new `epoch` and `series` when the centre opens one. `None`:
  keep what you have. A renewal keeps epoch and series and raises `last` and `valid_until`. `need` in the batch asks for one.
  The letters follow from the epoch: the n-th has the n-th of `core.ids.series_letters`. A renewal's `first` passes the highest number
  that the centre holds. A suspended, replaced or revoked device gets neither lease nor confirmations.
- `catalogue`: the whole of it when `catalogue_version` in the batch is not the current one. In it go whom the operator may call and the version
  of the program that the centre approved, by the hash of its commit: a till fetches no other.
- `suspension`: the word in force, always sent. A suspended cabin files nothing new and goes on sending.
- `verification`: whose keys sign receipts and which numbers are void, when `verification_version` in the batch is not the current one.
- `stationery`: the municipality's own words and logo for the cabin's papers, when `stationery_version` in the batch is not the current one; `logo`
  is then its picture, which must have the SHA-256 that the signed message names. A cabin that sends no `stationery_version` is told none. What a till
  cannot print it refuses whole: its papers stay as they were, the rest of the reply is taken, and its `alarms` say why.
- `series`: every series of the cabin that the centre knows, with how far it is held. A cabin that has less (its database was put
  back from a copy, or its PC is new) pulls the rest.
- `news`: what happened at the centre to the cabin's cases and bags after `news_after`, oldest first, `MAX_NEWS` at most; `news_last` is how far
  they go. Each is a `CureNews` or a `ValijaNews` by its `kind`; a till skips a kind it does not know, and one told again changes nothing. A
  cabin that sends no `news_after` is told none; one that sees a new `centre_epoch` begins again at 0.
- `machine` in the batch is the PC's fingerprint now. Unlike the one that was paired, the device is heard and gets neither lease nor
  confirmations until a person at the centre says that it is the same PC with another part.
- `lease` in the batch is the one its epoch was granted by. A centre restored from before that knows by its own signature whose events they
  are, though it has forgotten the device; a device it has forgotten is heard as a revoked one is, until it is paired again.
- A body may be sent with `Content-Encoding: gzip`; its limits are of the body unpacked.

**Pulling back.** `POST /api/v1/cabinas/{code}/recuperaciones`, body `Sealed[PullRequest]` signed by a device that is not revoked; 200 with
`Sealed[PullReply]`: the next events of an epoch after `after_seq` as they were received, those in quarantine too; none when the centre has no
more. It changes nothing.

**Attachments.** `POST /api/v1/cabinas/{code}/adjuntos`, body `Sealed[AttachmentPiece]`, 200 with `Sealed[AttachmentHeld]`: the bytes of an
announced file, in order and in pieces of `MAX_PIECE_BYTES` at most; an empty piece asks how far it is. `held` is where to go on from: a
piece that is held already, or lies beyond, changes nothing. A file is whole when its SHA-256 is the announced one; else it begins again
at 0. A file that no event of the cabin announced yet: 404 `sync.adjunto_no_anunciado`. Data go first: bytes wait until no event does.

**Numbers.** `Lease.bounds(year)`: in the lease's year first..last; in a later year the series begins at 1 and has as many numbers."""

from core.wire.exchange import (
    AttachmentHeld,
    AttachmentPiece,
    Batch,
    BatchReply,
    CureNews,
    Frozen,
    Lost,
    PullReply,
    PullRequest,
    Quarantined,
    SeriesKey,
    Stationery,
    ValijaNews,
    Verification,
    clock_offset_s,
    cut_batch,
    lost_range,
    parse_news,
)
from core.wire.granted import (
    AsidePart,
    CalendarPart,
    Catalogue,
    Confirmation,
    ConfirmationKind,
    Convenio,
    EventName,
    Lease,
    LedgerEntry,
    Liquidacion,
    PairingAnswer,
    PairingRequest,
    PhoneCodes,
    Phones,
    Release,
    RemittancePart,
    SeriesHeld,
    SeriesWritten,
    Suspension,
    TupaVersion,
)
from core.wire.limits import (
    GENESIS,
    LEASE_DAYS,
    LEASE_NUMBERS,
    MAX_BACKOFF_S,
    MAX_BATCH_BYTES,
    MAX_BATCH_EVENTS,
    MAX_CONFIRMATIONS,
    MAX_EVENT_BYTES,
    MAX_LOST,
    MAX_NEWS,
    MAX_PIECE_BYTES,
    MAX_REMITTANCES,
    MAX_SETTLEMENTS,
    MAX_VALIJA_ITEMS,
    MAX_WRITTEN,
    POLL_S,
    TRAINING_CABINA,
)
from core.wire.sealing import (
    BadChain,
    BadPairingCode,
    BadPayload,
    BadSignature,
    Message,
    Sealed,
    TooLarge,
    WireError,
    canonical,
    fingerprint,
    new_key,
    open_sealed,
    pairing_code,
    public_text,
    seal,
    sha256,
    sign,
    split_pairing_code,
    unsealed,
    verify,
)
from core.wire.told import (
    AttachmentAnnounced,
    Charge,
    ConfirmationAccepted,
    DayClosed,
    Event,
    EventHeader,
    ExpedienteFiled,
    ExtornoDeclared,
    Fact,
    LiquidacionAccepted,
    Notice,
    ObservationCured,
    ObservedPart,
    OwnCashMoved,
    Payload,
    PaymentPart,
    Person,
    RemittanceByCode,
    RemittanceDeclared,
    ShiftBegun,
    ShiftPart,
    ValijaPart,
    ValijaSent,
    check_event,
    check_follows,
    filed_in,
    make_event,
    parse_payload,
    z_hash,
)

__all__ = [
    "AsidePart",
    "AttachmentAnnounced",
    "AttachmentHeld",
    "AttachmentPiece",
    "BadChain",
    "BadPairingCode",
    "BadPayload",
    "BadSignature",
    "Batch",
    "BatchReply",
    "CalendarPart",
    "Catalogue",
    "Charge",
    "Confirmation",
    "ConfirmationAccepted",
    "ConfirmationKind",
    "Convenio",
    "CureNews",
    "DayClosed",
    "Event",
    "EventHeader",
    "EventName",
    "ExpedienteFiled",
    "ExtornoDeclared",
    "Fact",
    "Frozen",
    "GENESIS",
    "LEASE_DAYS",
    "LEASE_NUMBERS",
    "Lease",
    "LedgerEntry",
    "Liquidacion",
    "LiquidacionAccepted",
    "Lost",
    "MAX_BACKOFF_S",
    "MAX_BATCH_BYTES",
    "MAX_BATCH_EVENTS",
    "MAX_CONFIRMATIONS",
    "MAX_EVENT_BYTES",
    "MAX_LOST",
    "MAX_NEWS",
    "MAX_PIECE_BYTES",
    "MAX_REMITTANCES",
    "MAX_SETTLEMENTS",
    "MAX_VALIJA_ITEMS",
    "MAX_WRITTEN",
    "Message",
    "Notice",
    "ObservationCured",
    "ObservedPart",
    "OwnCashMoved",
    "POLL_S",
    "PairingAnswer",
    "PairingRequest",
    "Payload",
    "PaymentPart",
    "Person",
    "PhoneCodes",
    "Phones",
    "PullReply",
    "PullRequest",
    "Quarantined",
    "Release",
    "RemittanceByCode",
    "RemittanceDeclared",
    "RemittancePart",
    "Sealed",
    "SeriesHeld",
    "SeriesKey",
    "SeriesWritten",
    "ShiftBegun",
    "ShiftPart",
    "Stationery",
    "Suspension",
    "TRAINING_CABINA",
    "TooLarge",
    "TupaVersion",
    "ValijaNews",
    "ValijaPart",
    "ValijaSent",
    "Verification",
    "WireError",
    "canonical",
    "check_event",
    "check_follows",
    "clock_offset_s",
    "cut_batch",
    "filed_in",
    "fingerprint",
    "lost_range",
    "make_event",
    "new_key",
    "open_sealed",
    "pairing_code",
    "parse_news",
    "parse_payload",
    "public_text",
    "seal",
    "sha256",
    "sign",
    "split_pairing_code",
    "unsealed",
    "verify",
    "z_hash",
]
