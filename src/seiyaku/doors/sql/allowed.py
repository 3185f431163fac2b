"""What of SQL is understood: a list of what may stand in a query, never of what may not.

A node of the parsed query that is not listed, an argument of a listed one that is not, and a
function whose name is not, are refused: whoever adds one to the list has thought about it. No
listed function reads a table, a file, a setting or another server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn

from sqlglot import exp

from seiyaku.kernel.errors import NotPermitted

_STATEMENTS: Final[Mapping[type[exp.Expr], str]] = {
    exp.Select: "with_ expressions from_ joins where group having windows qualify order limit "
    "offset distinct laterals locks",
    exp.Union: "with_ this expression distinct by_name on order limit offset",
    exp.Except: "with_ this expression distinct by_name on order limit offset",
    exp.Intersect: "with_ this expression distinct by_name on order limit offset",
    exp.Subquery: "this alias with_ order limit offset joins",
    exp.Values: "expressions alias order limit offset",
    exp.Table: "this db catalog alias joins",
    exp.With: "expressions recursive",
    exp.CTE: "this alias materialized",
    exp.Insert: "with_ this expression conflict returning default ignore",
    exp.Create: "with_ this kind expression properties exists",
    exp.Update: "with_ this expressions from_ where returning",
    exp.Delete: "with_ this where",
    exp.In: "this expressions query unnest",
    exp.Star: "except_ replace rename",
    exp.OnConflict: "duplicate expressions action conflict_keys where",
    exp.Lock: "update",
}
"""Nodes in which an argument more may change what is read, with the arguments known."""

_NODES: Final = """
Alias Aliases All And Any AtTimeZone Between Boolean Bracket Case Cast Column Cube
DataType DataTypeParam DPipe Distinct Div EQ Escape Exists Filter From GT GTE Glob Group
GroupingSets Having HexString Identifier If IgnoreNulls ILike IntDiv Interval IntervalSpan Is
JSONExtract JSONExtractScalar JSONBExtract JSONBExtractScalar JSONBContains JSONKeyValue JSONPath
JSONPathKey JSONPathRoot JSONPathSubscript JSONPathWildcard Join LT LTE Lambda Lateral Like Limit
Literal Mod Mul Neg NEQ Not Null NullSafeEQ NullSafeNEQ Offset Or Order Ordered Paren
Placeholder Properties PropertyEQ Qualify RawString RespectNulls Returning Rollup Schema SimilarTo
Slice Sub Add TableAlias TemporaryProperty Tuple TryCast Unnest Var Where Window WindowSpec
WithinGroup BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitwiseLeftShift BitwiseRightShift Xor
RegexpLike RegexpILike
"""

_FUNCTIONS: Final = """
Abs Acos AnyValue ApproxDistinct ApproxQuantile ArgMax ArgMin Array ArrayAgg ArrayConcat
ArrayContains ArrayContainsAll ArrayFilter ArrayOverlaps ArraySize ArraySum ArrayToString Ascii
Asin Atan Atan2 Avg BitwiseAndAgg BitwiseOrAgg BitwiseXorAgg Cbrt Ceil Chr Coalesce Collate Concat
ConcatWs Contains Corr Cos Cosh Cot Count CountIf CovarPop CovarSamp CumeDist CurrentDate
CurrentDatetime CurrentTime CurrentTimestamp Date DateAdd DateBin DateDiff DateFromParts
DateStrToDate DateSub DateToDateStr DateTrunc Datetime DatetimeAdd DatetimeDiff DatetimeSub
DatetimeTrunc Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear Dayname Degrees DenseRank EndsWith
Exp Explode ExplodingGenerateSeries Extract First FirstValue Floor GenerateSeries Greatest
GroupConcat Grouping GroupingId Hex Hour Initcap IsInf IsNan JSONArray JSONArrayAgg JSONObject
JSONObjectAgg JSONBObjectAgg JSONExtractArray JSONKeys JSONType JustifyDays JustifyHours
JustifyInterval Kurtosis Lag Last LastDay LastValue Lead Least Left Length Levenshtein Ln
Localtime Localtimestamp Log LogicalAnd LogicalOr Lower LowerHex MD5 MakeInterval Max Median Min
Minute Mode Month Monthname MonthsBetween NthValue Ntile Nullif NumberToStr Overlay Pad ParseJSON
PercentRank PercentileCont PercentileDisc Pi Pow Quantile Quarter Radians Rand Rank RegexpCount
RegexpExtract RegexpExtractAll RegexpFullMatch RegexpInstr RegexpReplace RegexpSplit RegexpSubstr
RegrAvgx RegrAvgy RegrCount RegrIntercept RegrR2 RegrSlope RegrSxx RegrSxy RegrSyy Repeat Replace
Reverse Right Round RowNumber SHA SHA2 Second Sign Sin Sinh Skewness Soundex Space Split SplitPart
Sqrt StartsWith Stddev StddevPop StddevSamp StrPosition StrToDate StrToTime StrToUnix
StringToArray Substring SubstringIndex Sum Tan Tanh Time TimeAdd TimeDiff TimeFromParts
TimeStrToDate TimeStrToTime TimeSub TimeToStr TimeToUnix TimeTrunc Timestamp
TimestampAdd TimestampDiff TimestampFromParts TimestampSub TimestampTrunc ToChar ToDays ToNumber
Translate Trim Trunc
TsOrDsAdd TsOrDsDiff TsOrDsToDate TsOrDsToDateStr TsOrDsToDatetime TsOrDsToTime TsOrDsToTimestamp
Typeof Unhex Unicode UnixToTime Upper UtcDate UtcTime UtcTimestamp Variance VariancePop Week
WeekOfYear WeekStart WidthBucket Year Rint Nvl2 List Struct
"""

_NAMES: Final = """
age bool_and bool_or btrim ceiling char_length character_length clock_timestamp cosd cotd
crc32 date_add date_format date_part date_sub div epoch epoch_ms even factorial fdiv fmod
format from_unixtime gcd hex ifnull instr isnull json_array json_array_length json_build_array
json_build_object json_each json_object json_type json_valid jsonb_array_elements
jsonb_array_length jsonb_build_object julianday lcm list_contains list_value log10 log2 lpad
ltrim make_date make_timestamp make_time now octet_length position printf quote range
regexp_matches rpad rtrim scale sign statement_timestamp strftime string_agg strpos sumo
substr time timediff to_char to_date to_timestamp total transaction_timestamp unaccent
unixepoch week weekday year yearweek
"""

NAMED: Final = frozenset(_NAMES.split())
NODES: Final = frozenset(
    getattr(exp, name) for name in (*_NODES.split(), *_FUNCTIONS.split())
) | frozenset(_STATEMENTS)
_ARGUMENTS: Final = {kind: frozenset(text.split()) for kind, text in _STATEMENTS.items()}


def check(tree: exp.Expr, functions: frozenset[str] = frozenset()) -> None:
    """Everything in the tree is known.

    Args:
        functions: names of further functions that the owner vouches for, lower case.

    Raises:
        NotPermitted: SY231 something is not.
    """
    for node in tree.walk():
        kind = type(node)
        if kind is exp.Anonymous:
            _function(node, functions)
        elif kind not in NODES:
            refuse(_called(node))
        elif kind in _ARGUMENTS:
            _arguments(node, _ARGUMENTS[kind])


def refuse(what: str, hint: str = "") -> NoReturn:
    """Say that a query holds what this door does not understand."""
    raise NotPermitted(
        f"the query holds what this door does not know: {what}",
        code="SY231",
        hint=hint or "write it otherwise, or ask the gate in code",
    )


def _function(node: exp.Expr, functions: frozenset[str]) -> None:
    name = node.this if isinstance(node.this, str) else ""
    if name.lower() not in NAMED and name.lower() not in functions:
        refuse(f"the function `{name[:64]}`")


def _arguments(node: exp.Expr, known: frozenset[str]) -> None:
    for name, value in node.args.items():
        if value and name not in known:
            refuse(f"{_called(node)} with {name.strip('_').lower()}")


def _called(node: exp.Expr) -> str:
    return f"`{type(node).__name__}`"
