import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0013_rubric'),
        ('criteria', '0008_rubric'),
    ]

    operations = [
        migrations.RenameModel(old_name='LeadMark', new_name='CellMark'),
        migrations.AlterModelOptions(
            name='cellmark',
            options={'ordering': ['result', '-pk'], 'verbose_name': 'ý kiến về một ô', 'verbose_name_plural': 'các ý kiến về từng ô'},
        ),
        migrations.AddField(
            model_name='cellmark',
            name='office',
            field=models.CharField(choices=[('lead', 'đơn vị chủ trì'), ('agency', 'cơ quan thẩm định')], default='lead', max_length=6, verbose_name='bên cho ý kiến'),
        ),
        migrations.AddField(
            model_name='cellmark',
            name='claimed',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='criteria.rubriclevel', verbose_name='mức tự nhận khi đó'),
        ),
        migrations.AddField(
            model_name='cellmark',
            name='level',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='criteria.rubriclevel', verbose_name='mức được xét'),
        ),
        migrations.AddField(
            model_name='cellmark',
            name='met',
            field=models.BooleanField(blank=True, null=True, verbose_name='được xét là đạt'),
        ),
        migrations.AddConstraint(
            model_name='cellmark',
            constraint=models.CheckConstraint(condition=models.Q(('verdict', 'confirmed'), models.Q(('level__isnull', True), ('met__isnull', True)), _connector='OR'), name='assessed_cell_is_confirmed', violation_error_message='Ô còn ý kiến thì chưa xét mức, chưa xét đạt.'),
        ),
        migrations.AddConstraint(
            model_name='cellmark',
            constraint=models.CheckConstraint(condition=models.Q(('level__isnull', True), ('met__isnull', True), _connector='OR'), name='cell_assessed_one_way', violation_error_message='Có thang mức thì xét theo mức của thang.'),
        ),
        migrations.AddConstraint(
            model_name='cellmark',
            constraint=models.CheckConstraint(condition=models.Q(('level__isnull', True), models.Q(('reason', ''), _negated=True), models.Q(('claimed__isnull', False), ('level', models.F('claimed'))), _connector='OR'), name='other_level_has_reason', violation_error_message='Xét mức khác mức tự nhận thì phải ghi lý do.'),
        ),
        migrations.AddConstraint(
            model_name='cellmark',
            constraint=models.CheckConstraint(condition=models.Q(('met__isnull', True), ('met', True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='not_met_has_reason', violation_error_message='Xét chưa đạt thì phải ghi lý do.'),
        ),
        migrations.AddConstraint(
            model_name='cellmark',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('office', 'agency'), _negated=True), ('level__isnull', False), ('met__isnull', False), _connector='OR'), name='agency_mark_assesses', violation_error_message='Cơ quan thẩm định cho ý kiến về một ô thì phải xét mức.'),
        ),
    ]
