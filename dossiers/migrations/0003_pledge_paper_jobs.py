import django.db.models.deletion
import django.utils.timezone
import units.models.fields
from django.conf import settings
from django.db import migrations, models


# What was printed stays: neither the facts of a version nor its file change, and none is deleted.
KEPT = """
CREATE FUNCTION dossiers_pledgepaper_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (NEW.round_id, NEW.version, NEW.stamp, NEW.snapshot, NEW.frozen_at)
            IS DISTINCT FROM (OLD.round_id, OLD.version, OLD.stamp, OLD.snapshot, OLD.frozen_at)
        OR (OLD.pdf_id IS NOT NULL AND NEW.pdf_id IS DISTINCT FROM OLD.pdf_id)
    THEN
        RAISE EXCEPTION 'a kept paper of a pledge does not change'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER pledgepaper_kept BEFORE UPDATE OR DELETE ON dossiers_pledgepaper
FOR EACH ROW EXECUTE FUNCTION dossiers_pledgepaper_kept();
"""
LET_GO = """
DROP TRIGGER pledgepaper_kept ON dossiers_pledgepaper;
DROP FUNCTION dossiers_pledgepaper_kept();
"""
PRINTED = """
UPDATE dossiers_pledgepaper SET state = 'done', finished_at = frozen_at WHERE pdf_id IS NOT NULL;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0017_taken_from'),
        ('dossiers', '0002_pledge_paper'),
        ('units', '0004_bloc_year'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='pledgepaper',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='số lần thử'),
        ),
        migrations.AddField(
            model_name='pledgepaper',
            name='error',
            field=units.models.fields.NormalText(blank=True, verbose_name='lý do không thành'),
        ),
        migrations.AddField(
            model_name='pledgepaper',
            name='finished_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='xong lúc'),
        ),
        migrations.AddField(
            model_name='pledgepaper',
            name='lease_until',
            field=models.DateTimeField(blank=True, null=True, verbose_name='giữ việc đến'),
        ),
        migrations.AddField(
            model_name='pledgepaper',
            name='progress_done',
            field=models.PositiveIntegerField(default=0, verbose_name='đã làm'),
        ),
        migrations.AddField(
            model_name='pledgepaper',
            name='progress_total',
            field=models.PositiveIntegerField(default=0, verbose_name='tổng việc'),
        ),
        migrations.AddField(
            model_name='pledgepaper',
            name='requested_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='yêu cầu lúc'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='pledgepaper',
            name='requested_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='người yêu cầu'),
        ),
        migrations.AddField(
            model_name='pledgepaper',
            name='started_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='bắt đầu lúc'),
        ),
        migrations.AddField(
            model_name='pledgepaper',
            name='state',
            field=models.CharField(choices=[('queued', 'đang chờ'), ('done', 'đã xong'), ('failed', 'không thành')], default='queued', max_length=10, verbose_name='trạng thái'),
        ),
        migrations.AddField(
            model_name='pledgepaper',
            name='step',
            field=units.models.fields.NormalLine(blank=True, db_collation='vi-x-icu', max_length=300, verbose_name='đang làm'),
        ),
        migrations.AddField(
            model_name='pledgepaper',
            name='token',
            field=models.UUIDField(blank=True, null=True, verbose_name='thẻ giữ việc'),
        ),
        migrations.RunSQL(PRINTED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='pledgepaper',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'queued'), ('finished_at__isnull', False), _connector='OR'), name='pledge_paper_finished_has_time', violation_error_message='Việc đã kết thúc phải có thời điểm kết thúc.'),
        ),
        migrations.AddConstraint(
            model_name='pledgepaper',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('error', ''), _negated=True), _connector='OR'), name='pledge_paper_failed_has_reason', violation_error_message='Việc không thành phải nêu lý do.'),
        ),
        migrations.AddConstraint(
            model_name='pledgepaper',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), ('pdf__isnull', False), _connector='OR'), name='done_pledge_paper_has_file', violation_error_message='Bản in giao ước đã xong phải có tệp.'),
        ),
        migrations.RunSQL(KEPT, LET_GO),
    ]
