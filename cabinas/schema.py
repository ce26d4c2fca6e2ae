"""The cabin's whole schema: importing it imports every table."""

from __future__ import annotations

import cabinas.attachments.models
import cabinas.cures.models
import cabinas.enrolment.models
import cabinas.filing.models
import cabinas.money.models
import cabinas.operators.models
import cabinas.outbox.models
import cabinas.paper.models
import cabinas.shifts.models
import cabinas.sync.models
import cabinas.valijas.models
import cabinas.verification.models  # noqa: F401
from cabinas.base import Base

metadata = Base.metadata
