
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0005_printed_chapter'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='by_indicator',
            field=models.BooleanField(default=True, verbose_name='phụ lục theo từng chỉ tiêu'),
        ),
        migrations.AddField(
            model_name='report',
            name='by_unit',
            field=models.BooleanField(default=True, verbose_name='phụ lục theo từng đơn vị'),
        ),
    ]
