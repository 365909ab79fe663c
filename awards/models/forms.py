"""Award forms, how many may be given, and the ledger that says how many are left."""

from django.db import models
from django.db.models import Q

from campaigns.models import Campaign, Phase
from units.models import NormalText, Unit, User, name_field, ref_field


class RecipientKind(models.TextChoices):
    COLLECTIVE = "collective", "tập thể"
    INDIVIDUAL = "individual", "cá nhân"
    HOUSEHOLD = "household", "hộ gia đình"


class AwardForm(models.Model):
    """Danh hiệu thi đua or hình thức khen thưởng, with the council's rule for it.

    Thresholds, bases and quorums are local rules [K in the sources]: data an office edits.
    """

    class Category(models.TextChoices):
        TITLE = "title", "danh hiệu thi đua"
        FORM = "form", "hình thức khen thưởng"

    class Base(models.TextChoices):
        MEMBERS = "members", "tổng số thành viên hội đồng"
        PRESENT = "present", "số thành viên dự họp"
        CAST = "cast", "số phiếu đồng ý và không đồng ý"

    class Operator(models.TextChoices):
        GE = ">=", "từ … trở lên"
        GT = ">", "trên"

    class Voting(models.TextChoices):
        SECRET = "secret", "bỏ phiếu kín"
        SHOW = "show", "biểu quyết"
        WRITTEN = "written", "lấy ý kiến bằng văn bản"

    ref = ref_field()
    name = name_field("tên")
    short_name = name_field("tên gọi tắt", max_length=120)
    category = models.CharField(
        "nhóm", max_length=8, choices=Category.choices, default=Category.FORM
    )
    rank = models.PositiveSmallIntegerField("thứ bậc", help_text="1 là cao nhất")
    authority = name_field("người có thẩm quyền quyết định")
    threshold = models.DecimalField("tỷ lệ đồng ý (%)", max_digits=5, decimal_places=2, default=70)
    threshold_operator = models.CharField(
        "phép so", max_length=2, choices=Operator.choices, default=Operator.GE
    )
    threshold_base = models.CharField(
        "tính trên", max_length=8, choices=Base.choices, default=Base.MEMBERS
    )
    quorum = models.DecimalField(
        "số dự họp tối thiểu (%)", max_digits=5, decimal_places=2, default=0
    )
    chair_must_agree = models.BooleanField("chủ tịch hội đồng phải đồng ý", default=False)
    voting = models.CharField(
        "cách biểu quyết", max_length=8, choices=Voting.choices, default=Voting.SHOW
    )
    rule_source = name_field("căn cứ của quy tắc biểu quyết", blank=True)

    class Meta:
        verbose_name = "hình thức khen thưởng"
        verbose_name_plural = "các hình thức khen thưởng"
        ordering = ["rank", "ref"]
        constraints = [
            models.CheckConstraint(
                name="award_form_shares_are_percentages",
                condition=Q(threshold__gte=0, threshold__lte=100, quorum__gte=0, quorum__lte=100),
                violation_error_message="Tỷ lệ đồng ý và số dự họp tối thiểu phải từ 0 đến 100 %.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Quota(models.Model):
    """Số lượng khen thưởng for a phase × award form × kind of recipient.

    How many are left is never stored: it is the plan's number and the sum of the postings.
    """

    class Basis(models.TextChoices):
        FIXED = "fixed", "theo số nêu trong kế hoạch"
        LATER = "later", "phân bổ sau"
        UNLIMITED = "unlimited", "không giới hạn"
        GUIDANCE = "guidance", "theo hướng dẫn riêng"
        OWN = "own", "theo thẩm quyền của thủ trưởng đơn vị"

    LIMITED = (Basis.FIXED, Basis.LATER)

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.CASCADE, related_name="+"
    )
    phase = models.ForeignKey(
        Phase, verbose_name="giai đoạn", on_delete=models.PROTECT, related_name="+"
    )
    ref = ref_field(unique=False)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)
    award_form = models.ForeignKey(
        AwardForm,
        verbose_name="hình thức khen thưởng",
        on_delete=models.PROTECT,
        related_name="quotas",
    )
    recipient_kind = models.CharField("đối tượng", max_length=12, choices=RecipientKind.choices)
    basis = models.CharField("cách định số lượng", max_length=10, choices=Basis.choices)
    number = models.PositiveIntegerField("số lượng", null=True, blank=True)
    is_ceiling = models.BooleanField("là mức tối đa (“không quá”)", default=False)
    upward = models.BooleanField(
        "đề nghị cấp trên", default=False, help_text="đơn vị chỉ đề nghị, cấp trên quyết định"
    )
    parent = models.ForeignKey(
        "self",
        verbose_name="trừ vào số lượng của kế hoạch cấp trên",
        on_delete=models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
    )
    decider = models.ForeignKey(
        Unit,
        verbose_name="cơ quan quyết định",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    note = NormalText("ghi chú", blank=True)

    class Meta:
        verbose_name = "số lượng khen thưởng"
        verbose_name_plural = "các số lượng khen thưởng"
        ordering = ["campaign", "phase__order", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "ref"], name="one_quota_ref_a_campaign"),
            models.CheckConstraint(
                name="quota_number_fits_basis",
                condition=Q(basis="fixed", number__isnull=False)
                | (~Q(basis="fixed") & Q(number__isnull=True)),
                violation_error_message="Chỉ số lượng nêu trong kế hoạch mới có con số; số phân bổ "
                "sau ghi bằng văn bản phân bổ.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.award_form.short_name}, {self.get_recipient_kind_display()}"


class QuotaPosting(models.Model):
    """One line of the ledger: places allotted by letter, used, released, taken back.

    A number that the plan itself gives is no posting.
    """

    class Kind(models.TextChoices):
        ALLOT = "allot", "phân bổ"
        USE = "use", "đề nghị"
        RELEASE = "release", "trả chỗ"
        WITHDRAW = "withdraw", "thu hồi"

    quota = models.ForeignKey(
        Quota,
        verbose_name="số lượng khen thưởng",
        on_delete=models.CASCADE,
        related_name="postings",
    )
    kind = models.CharField("loại", max_length=10, choices=Kind.choices)
    places = models.IntegerField("số chỗ", help_text="dương là thêm, âm là bớt")
    nomination = models.ForeignKey(
        "awards.Nomination",
        verbose_name="đề nghị",
        on_delete=models.PROTECT,
        related_name="postings",
        null=True,
        blank=True,
    )
    document = name_field("văn bản phân bổ", blank=True)
    document_on = models.DateField("ngày văn bản", null=True, blank=True)
    is_sample = models.BooleanField("số liệu mẫu", default=False)
    at = models.DateTimeField("ghi lúc")
    by = models.ForeignKey(
        User,
        verbose_name="người ghi",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "dòng sổ phân bổ"
        verbose_name_plural = "sổ phân bổ"
        ordering = ["quota", "at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="posting_sign_fits_kind",
                condition=Q(kind__in=["allot", "release"], places__gt=0)
                | Q(kind__in=["use", "withdraw"], places__lt=0),
                violation_error_message="Phân bổ, trả chỗ là số dương; đề nghị, thu hồi là số âm.",
            ),
            models.CheckConstraint(
                name="posting_of_nomination_names_it",
                condition=Q(kind__in=["use", "release"], nomination__isnull=False)
                | Q(kind__in=["allot", "withdraw"], nomination__isnull=True),
                violation_error_message="Dòng đề nghị, trả chỗ phải ghi rõ đề nghị nào.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.places:+d}"


class CompositionRule(models.Model):
    """ "At least 70 % direct implementers": a floor on a kind of person in the proposed list."""

    class Counts(models.TextChoices):
        DIRECT = "direct", "người trực tiếp thực hiện"
        LEADER = "leader", "lãnh đạo, phối hợp, tuyên truyền"

    class Operator(models.TextChoices):
        GE = ">=", "ít nhất"
        LE = "<=", "không quá"

    class Base(models.TextChoices):
        INDIVIDUALS = "individuals", "số cá nhân trong danh sách đề nghị"
        ALL = "all", "tổng số tập thể và cá nhân trong danh sách đề nghị"

    class Rounding(models.TextChoices):
        UP = "up", "làm tròn lên"
        DOWN = "down", "làm tròn xuống"
        HALF_UP = "half_up", "làm tròn đến số gần nhất"

    campaign = models.ForeignKey(
        Campaign, verbose_name="kế hoạch", on_delete=models.CASCADE, related_name="+"
    )
    ref = ref_field(unique=False)
    counts = models.CharField("đếm", max_length=8, choices=Counts.choices)
    operator = models.CharField("phép so", max_length=2, choices=Operator.choices)
    percent = models.DecimalField("tỷ lệ (%)", max_digits=5, decimal_places=2)
    base = models.CharField("tính trên", max_length=12, choices=Base.choices)
    rounding = models.CharField("làm tròn", max_length=8, choices=Rounding.choices)
    note = NormalText("ghi chú", blank=True)

    class Meta:
        verbose_name = "cơ cấu danh sách"
        verbose_name_plural = "các cơ cấu danh sách"
        ordering = ["campaign", "ref"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "ref"], name="one_composition_ref_a_campaign"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_operator_display()} {self.percent} % {self.get_counts_display()}"
