"""The tables as peewee sees them: names only, no queries.

The shape itself (types, checks, indexes) is SQL in migrations.py; tests/database/test_models.py compares
both. No model is bound to a file: a query names its database, so that two can be open.
"""

from __future__ import annotations

from peewee import AutoField, BlobField, BooleanField, CompositeKey, IntegerField, Model, TextField


class Batches(Model):
    """One run: what was asked, by which process, and its totals."""

    id = AutoField()
    owner = TextField()
    created_at = TextField()
    finished_at = TextField(null=True)
    settings = TextField()
    output = TextField()
    files = IntegerField(default=0)
    original_size = IntegerField(null=True)
    compressed_size = IntegerField(null=True)
    state = TextField()


class Jobs(Model):
    """The durable queue and the journal: a row says what is about to happen before it happens."""

    id = AutoField()
    batch_id = IntegerField()
    path = BlobField()
    state = TextField(default="queued")
    reason = TextField(null=True)
    error_code = TextField(null=True)
    staged_path = BlobField(null=True)
    output_path = BlobField(null=True)
    replaces = BooleanField(default=False)
    writes = BooleanField(default=False)
    source_hash = TextField(null=True)
    result_hash = TextField(null=True)
    settings_hash = TextField(null=True)
    original_size = IntegerField(null=True)
    compressed_size = IntegerField(null=True)


class CompressionStats(Model):
    """One finished picture, for statistics and predictions."""

    id = AutoField()
    batch_id = IntegerField(null=True)
    job_id = IntegerField(null=True)
    input_format = TextField()
    output_format = TextField()
    original_size = IntegerField()
    compressed_size = IntegerField()
    original_disk_size = IntegerField(null=True)
    compressed_disk_size = IntegerField(null=True)
    compression_time_ms = IntegerField()
    quality = IntegerField(null=True)
    lossless = BooleanField()
    effort = TextField()
    width = IntegerField()
    height = IntegerField()
    codec_version = TextField()
    source_hash = TextField(null=True)
    settings_hash = TextField(null=True)
    predicted_size = IntegerField(null=True)
    features = TextField(null=True)
    undone = BooleanField(default=False)
    created_at = TextField()
    predicted_low = IntegerField(null=True)
    predicted_high = IntegerField(null=True)
    predicted_time_ms = IntegerField(null=True)
    prediction_basis = TextField(null=True)

    class Meta:
        table_name = "compression_stats"


class StatisticsEras(Model):
    """The id of the first row of each era; a clearing begins one. See aggregates.py for this and the next three."""

    first_id = IntegerField(primary_key=True)

    class Meta:
        table_name = "statistics_eras"


class StatisticsPairs(Model):
    """The sums of one pair of formats in one month, day or hour."""

    era = IntegerField()
    level = IntegerField()
    span = TextField()
    input_format = TextField()
    output_format = TextField()
    files = IntegerField()
    original_size = IntegerField()
    compressed_size = IntegerField()
    original_disk_size = IntegerField()
    compressed_disk_size = IntegerField()
    predicted = IntegerField()
    intervals = IntegerField()
    within = IntegerField()

    class Meta:
        table_name = "statistics_pairs"
        primary_key = CompositeKey("era", "level", "span", "input_format", "output_format")


class StatisticsSpread(Model):
    """How many files of one month, day or hour fell into one bucket of a histogram."""

    era = IntegerField()
    level = IntegerField()
    span = TextField()
    kind = TextField()
    bucket = IntegerField()
    files = IntegerField()

    class Meta:
        table_name = "statistics_spread"
        primary_key = CompositeKey("era", "level", "span", "kind", "bucket")


class StatisticsQuarters(Model):
    """The sums of one quarter of an hour."""

    era = IntegerField()
    quarter = IntegerField()
    files = IntegerField()
    original_size = IntegerField()
    compressed_size = IntegerField()
    original_disk_size = IntegerField()
    compressed_disk_size = IntegerField()

    class Meta:
        table_name = "statistics_quarters"
        primary_key = CompositeKey("era", "quarter")


class Originals(Model):
    """The undo store: what a replaced file was, and where its bytes are."""

    job_id = IntegerField(primary_key=True)
    path = BlobField()
    stored_as = TextField()
    sha256 = TextField()
    size = IntegerField()
    mode = IntegerField()
    mtime_ns = IntegerField()
    attributes = TextField()
    expires_at = TextField()


class MadeFolders(Model):
    """Folders that a batch made, which its undo removes when they are empty."""

    batch_id = IntegerField()
    path = BlobField()

    class Meta:
        table_name = "made_folders"
        primary_key = CompositeKey("batch_id", "path")


class Settings(Model):
    """Key and JSON value."""

    key = TextField(primary_key=True)
    value = TextField()


class BatchTallies(Model):
    """How many jobs of a batch stand where; see `tallies`."""

    batch_id = IntegerField(primary_key=True)
    queued = IntegerField(default=0)
    written = IntegerField(default=0)
    kept = IntegerField(default=0)
    failed = IntegerField(default=0)
    cancelled = IntegerField(default=0)
    undoable = IntegerField(default=0)

    class Meta:
        table_name = "batch_tallies"


ALL_TABLES = (
    *(Batches, Jobs, CompressionStats, Originals, MadeFolders, Settings, BatchTallies),
    *(StatisticsEras, StatisticsPairs, StatisticsSpread, StatisticsQuarters),
)
