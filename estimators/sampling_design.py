"""The sampling design: strata, PSUs, sampled shares, and the variance of a sum of influences under it.

Lives here: who was drawn from where, what to do with a stratum of one PSU, and how influences become a
variance. Not here: what is estimated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from estimators.second_stage import Families, families_of, spread_within
from estimators.successive_differences import places, squared_steps

if TYPE_CHECKING:
    import pandas as pd

SELECTIONS = ("random", "systematic")
SECOND_STAGES = ("unknown", "known")
LONELY_RULES = ("fail", "remove", "adjust", "average", "collapse", "certainty")


class LonelyPsu(ValueError):  # noqa: N818 - it names what was met
    """A stratum with one PSU has no variance of its own, and no rule was chosen for it."""


@dataclass(frozen=True)
class Design:
    """Strata and PSUs of one survey.

    psu: (n_rows,) code of the PSU of each row; a PSU has several rows if domains cut it, or if its families are told
    apart by their answers. stratum: (n_psus,)
    code of the stratum of each PSU. drawn: (n_strata,) PSUs drawn. sampled: (n_strata,) share of the
    stratum's PSUs that was drawn, 0 if not known (the form with replacement, which errs on the safe side).
    lonely: the rule for strata with one PSU, and ruled: (n_rows,) rows it was needed for. names: (n_strata,)
    for messages. place: (n_psus,) each PSU's place in the ordered list its stratum was drawn from by equal steps, or
    None for PSUs drawn at random. families: interviewed and living in each PSU, or None where that is not known.
    """

    psu: np.ndarray
    stratum: np.ndarray
    drawn: np.ndarray
    sampled: np.ndarray
    ruled: np.ndarray
    lonely: str = "fail"
    names: tuple[str, ...] = ()
    place: np.ndarray | None = None
    families: Families | None = None

    @property
    def is_lonely(self) -> np.ndarray:
        """Tell which strata have one PSU out of several, (n_strata,)."""
        return (self.drawn == 1) & (self.sampled < 1)

    @property
    def row_stratum(self) -> np.ndarray:
        """Return the stratum of each row."""
        return self.stratum[self.psu]

    def factor(self) -> np.ndarray:
        """Return (1 - f_h) n_h / (n_h - 1) per stratum, 0 where one PSU was drawn."""
        return np.where(self.drawn > 1, (1 - self.sampled) * self.drawn / np.maximum(self.drawn - 1, 1), 0.0)


def sampling_design(psu: pd.DataFrame, options: Mapping[str, Any]) -> Design:
    """Read the design off PSU rows: columns country, stratum and psu name a PSU; rows may repeat one.

    options: `lonely_psu`, one of LONELY_RULES; `collapse` (stratum -> the neighbour it is estimated with);
    `frame_psus` (stratum -> PSUs in the frame, for the finite population correction; a column `frame_psus` of
    the rows says the same); `psu_selection`, random or systematic, which needs a column `list_position`;
    `second_stage`, unknown or known, which needs columns `n_respondents` and `families_living`. Raises LonelyPsu if a
    stratum has one PSU and the rule is `fail`, and ValueError for an unknown rule or stratum, for PSUs drawn
    systematically from a list whose order is not known, and for a second stage whose families are not.
    """
    import pandas as pd

    rule = options.get("lonely_psu", "fail")
    if rule not in LONELY_RULES:
        raise ValueError(f'lonely_psu: "{rule}" is not a rule; known are {", ".join(LONELY_RULES)}')
    names = psu["stratum"].astype("str")
    merged = _collapsed(names, options.get("collapse") or {}) if rule == "collapse" else names
    strata = pd.MultiIndex.from_arrays([psu["country"].astype("str"), merged])
    row_stratum, levels = pd.factorize(strata, sort=True)
    psus = pd.MultiIndex.from_arrays([row_stratum, names, psu["psu"].astype("str")])
    codes, first = pd.factorize(psus, sort=True)
    stratum = np.array([key[0] for key in first], dtype=int)
    drawn = np.bincount(stratum, minlength=len(levels))
    frame = _in_frame(psu.assign(stratum=names), row_stratum, options.get("frame_psus") or {}, len(levels))
    if (frame < drawn).any():
        worst = levels[int(np.argmax(frame < drawn))]
        raise ValueError(f"stratum {worst[1]} ({worst[0]}): more PSUs were drawn than frame_psus says there are")
    design = Design(
        psu=codes,
        stratum=stratum,
        drawn=drawn,
        sampled=drawn / frame,
        ruled=_ruled(codes, row_stratum, names, frame),
        lonely=rule,
        names=tuple(f"{stratum} ({country})" for country, stratum in levels),
        place=_places(psu, options, codes, stratum),
        families=_families(psu, options, codes, len(stratum)),
    )
    return _checked(design)


def _families(psu: pd.DataFrame, options: Mapping[str, Any], codes: np.ndarray, n_psus: int) -> Families | None:
    """Return who was interviewed and who lives in each PSU, or None where the second stage is not declared known."""
    known = options.get("second_stage", SECOND_STAGES[0])
    if known not in SECOND_STAGES:
        raise ValueError(f'second_stage: "{known}" is not known; known are {", ".join(SECOND_STAGES)}')
    return families_of(psu, codes, n_psus) if known == SECOND_STAGES[1] else None


def _places(psu: pd.DataFrame, options: Mapping[str, Any], codes: np.ndarray, stratum: np.ndarray) -> np.ndarray | None:
    """Return each PSU's place in its stratum's list, (n_psus,), or None for PSUs drawn at random."""
    selection = options.get("psu_selection", SELECTIONS[0])
    if selection not in SELECTIONS:
        raise ValueError(f'psu_selection: "{selection}" is not known; known are {", ".join(SELECTIONS)}')
    if selection == SELECTIONS[0]:
        return None
    if "list_position" not in psu or psu["list_position"].isna().any():
        raise ValueError("psu_selection: systematic needs the place of every PSU in the list, and one is not known")
    position = np.zeros(len(stratum))
    position[codes] = psu["list_position"].to_numpy(float)
    if len(np.unique(np.stack([stratum, position]), axis=1).T) < len(stratum):
        raise ValueError("psu_selection: two PSUs of one stratum have the same place in the list")
    return places(stratum, position)


def _collapsed(names: pd.Series, neighbours: Mapping[str, str]) -> pd.Series:
    """Give each named stratum the name of the neighbour it is estimated with, and so on if that has one too."""
    unknown = sorted((set(neighbours) | set(neighbours.values())) - set(names))
    if unknown:
        raise ValueError(f"collapse: {unknown[0]} is not a stratum of this survey")
    merged = names
    for _ in neighbours:
        merged = merged.replace(dict(neighbours))
    if merged.isin(list(neighbours)).any():
        raise ValueError("collapse: strata name each other in a circle")
    return merged


def _ruled(psu: np.ndarray, stratum: np.ndarray, names: pd.Series, frame: np.ndarray) -> np.ndarray:
    """Tell which rows lie in a declared stratum of one PSU that is not the whole stratum, (n_rows,)."""
    import pandas as pd

    own = pd.DataFrame({"stratum": stratum, "name": names.to_numpy(), "psu": psu})
    return (own.groupby(["stratum", "name"])["psu"].transform("nunique").to_numpy() == 1) & (frame[stratum] > 1)


def _in_frame(psu: pd.DataFrame, row_stratum: np.ndarray, declared: Mapping[str, float], n_strata: int) -> np.ndarray:
    """Return PSUs in the frame per stratum, infinite where nobody says; collapsed strata add."""
    if not declared and "frame_psus" not in psu:
        return np.full(n_strata, np.inf)
    own = psu["stratum"].map(declared).astype(float)
    if "frame_psus" in psu:
        own = own.fillna(psu["frame_psus"].astype(float))
    parts = psu.assign(code=row_stratum, own=own).drop_duplicates(["country", "stratum"])
    frame = np.zeros(n_strata)
    np.add.at(frame, parts["code"].to_numpy(), parts["own"].fillna(np.inf).to_numpy())
    return frame


def _checked(design: Design) -> Design:
    """Refuse lonely PSUs that the rule leaves, and turn `certainty` into a sampled share of 1."""
    lonely = np.flatnonzero(design.is_lonely)
    if len(lonely) and design.lonely in ("fail", "collapse"):
        named = ", ".join(design.names[h] for h in lonely[:5]) + (", ..." if len(lonely) > 5 else "")
        raise LonelyPsu(
            f"stratum {named} has one PSU, so its variance cannot be estimated. Choose lonely_psu: remove (it adds "
            "nothing), adjust (deviation from the mean of all PSUs), average (the mean of the other strata), collapse "
            "(estimate it with a neighbour, named under `collapse`) or certainty (the PSU was not drawn but taken)."
        )
    if design.lonely == "certainty":
        return replace(design, sampled=np.where(design.drawn == 1, 1.0, design.sampled))
    return design


def variance(design: Design, influence: np.ndarray, domain: np.ndarray, n_domains: int) -> np.ndarray:
    """Return variances (n_domains, n_cells) of domain estimates from the influences (n_rows, n_cells) of their rows.

    domain: (n_rows,) the one domain each row belongs to. V = sum_h (1 - f_h) n_h / (n_h - 1)
    sum_i (z_hi - zbar_h)^2 over all n_h PSUs of the design; one without a row in the domain has z = 0. For PSUs drawn
    systematically, sum_h (1 - f_h) n_h / (2 (n_h - 1)) sum_i (z_hi - z_h,i-1)^2 over the list's order. A
    stratum of one PSU follows the design's rule. Where the second stage is known, f_h sum_i (1 - f_hi) m / (m - 1)
    sum_j (z_hij - zbar_hi)^2 over all m families interviewed in a PSU is added. Source: Woodruff (1971), JASA 66;
    Wolter (2007), section 6; Särndal, Swensson and Wretman (1992), 4.3;
    `adjust` and `average` as in Lumley (2010), Complex Surveys, appendix on strata with one PSU.
    """
    n_strata = len(design.drawn)
    pieces, z = _sums_by(domain * np.int64(len(design.stratum)) + design.psu, influence)
    piece_domain, piece_stratum = pieces // len(design.stratum), design.stratum[pieces % len(design.stratum)]
    block = piece_domain * np.int64(n_strata) + piece_stratum
    blocks, total = _sums_by(block, z)
    _, squares = _sums_by(
        block, (z - (total / design.drawn[blocks % n_strata, None])[np.searchsorted(blocks, block)]) ** 2
    )
    present = np.bincount(np.searchsorted(blocks, block), minlength=len(blocks))
    h, d = blocks % n_strata, blocks // n_strata
    absent = (design.drawn[h] - present)[:, None] * (total / design.drawn[h, None]) ** 2
    out = np.zeros((n_domains, influence.shape[1]))
    if design.place is None:
        np.add.at(out, d, design.factor()[h, None] * (squares + absent))
    else:
        place, last = design.place[pieces % len(design.stratum)], design.drawn[piece_stratum] - 1
        np.add.at(out, d, design.factor()[h, None] / 2 * squared_steps(block, place, last, z))
    if design.is_lonely.any():
        out = _with_lonely(design, out, total, h, d)
    if design.families is not None:
        _, own = _sums_by(domain * np.int64(len(design.stratum)) + design.psu, _squares(design.families, influence))
        within = spread_within(design.families, pieces % len(design.stratum), z, own)
        np.add.at(out, piece_domain, design.sampled[piece_stratum, None] * within)
    return out


def _squares(families: Families, influence: np.ndarray) -> np.ndarray:
    """Return the sum of the squared influences of the families of each row, who share its influence equally."""
    return np.asarray(influence**2 / families.of_row[:, None])


def _with_lonely(design: Design, out: np.ndarray, total: np.ndarray, h: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Add what the rule says about strata with one PSU; total, h, d: sums, stratum and domain of each block."""
    lonely = design.is_lonely
    if design.lonely == "average":
        strata, alone = np.bincount(d, minlength=len(out)), np.bincount(d, weights=lonely[h], minlength=len(out))
        with np.errstate(divide="ignore", invalid="ignore"):
            return out * np.where(alone > 0, strata / (strata - alone), 1.0)[:, None]
    if design.lonely == "adjust":
        centre = np.zeros_like(out)
        np.add.at(centre, d, total)
        centre /= len(design.stratum)
        weight = np.where(lonely, 1 - design.sampled, 0.0)
        seen = np.bincount(d, weights=weight[h], minlength=len(out))
        out = out + (weight.sum() - seen)[:, None] * centre**2  # lonely strata without a row: 0 less the mean
        np.add.at(out, d, weight[h, None] * (total - centre[d]) ** 2)
    return out


def covariance(design: Design, influence: np.ndarray) -> np.ndarray:
    """Return the covariance matrix of estimates whose influences (n_rows, n_cells) may share PSUs.

    From variances of sums: cov(a, b) = (V(a + b) - V(a) - V(b)) / 2, so every rule for lonely PSUs applies.
    """
    everywhere = np.zeros(len(influence), dtype=int)
    a, b = np.triu_indices(influence.shape[1])
    sums = variance(design, influence[:, a] + influence[:, b], everywhere, 1)[0]
    own = sums[a == b] / 4
    matrix = np.zeros((influence.shape[1], influence.shape[1]))
    matrix[a, b] = matrix[b, a] = (sums - own[a] - own[b]) / 2
    return matrix


def degrees_of_freedom(design: Design, domain: np.ndarray, n_domains: int, present: np.ndarray) -> np.ndarray:
    """Return PSUs less strata with a case of the domain, (n_domains, n_cells), as R's degf of a subset does.

    present: (n_rows, n_cells) whether the row holds a case of what the cell is about: a respondent for a rate,
    a victim for a share of victims.
    """
    seen = present.astype(float)
    counts = []
    for code, n in ((design.psu, len(design.stratum)), (design.row_stratum, len(design.drawn))):
        units, held = _sums_by(domain * np.int64(n) + code, seen)
        counts.append(np.zeros((n_domains, seen.shape[1])))
        np.add.at(counts[-1], units // n, held > 0)
    return np.asarray(counts[0] - counts[1])


def rule_applied(design: Design, domain: np.ndarray, n_domains: int) -> np.ndarray:
    """Return the rule for lonely PSUs where a domain has one, null elsewhere, (n_domains,) of text."""
    has = np.bincount(domain, weights=design.ruled, minlength=n_domains) > 0
    return np.where(has, np.array(design.lonely, dtype=object), np.array(None, dtype=object))


def _sums_by(code: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum rows with the same code, in the order of codes; rows keep their order within a code."""
    order = np.argsort(code, kind="stable")
    ordered = code[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return ordered[starts], np.add.reduceat(values[order], starts, axis=0)
