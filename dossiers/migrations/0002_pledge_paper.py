
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0015_score_evidence'),
        ('dossiers', '0001_initial'),
        ('units', '0004_bloc_year'),
    ]

    operations = [
        migrations.CreateModel(
            name='PledgePaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(verbose_name='phiên bản')),
                ('stamp', models.CharField(max_length=64, verbose_name='các chữ ký')),
                ('snapshot', models.JSONField(verbose_name='nội dung đã chốt')),
                ('frozen_at', models.DateTimeField(verbose_name='chốt lúc')),
                ('pdf', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.blob', verbose_name='tệp PDF')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.pledgeround', verbose_name='đợt ký giao ước')),
            ],
            options={
                'verbose_name': 'bản in giao ước',
                'verbose_name_plural': 'các bản in giao ước',
                'ordering': ['round', '-version'],
                'constraints': [models.UniqueConstraint(fields=('round', 'version'), name='one_pledge_paper_a_version', violation_error_message='Phiên bản này của bản giao ước đã có.')],
            },
        ),
    ]
