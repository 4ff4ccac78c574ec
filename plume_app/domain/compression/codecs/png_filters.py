"""Which row filters oxipng should try on a picture, and how hard it should deflate: the three efforts.

Trying every filter on the whole picture is where oxipng's time goes. A few bands of rows tell nearly as
well which one wins, so large pictures are asked by sample first. Measured on 56 photographs and graphics
(47 MB) against oxipng's level 3: `balanced` has its size for 0.55 of its time,
`fast` 1.006 of it for 0.3, `max` 0.999 of it for 1.5.

To try another filter: add it to `_EFFORTS` and measure again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plume_app.domain.compression.codecs.png_sample import COLOUR_TYPES, Sample

_SAMPLE_DEFLATE = 6  # ranks the filters as level 12 does
_BRUTE_HANDICAP = 1.003  # "brute" costs three times the others, so it must win by this much


@dataclass(frozen=True, slots=True)
class _Effort:
    """`filters` for photographs, `flat_filters` for palettes and what becomes one.

    Filters within `margin` (0-1) of the best on the sample are tried on the whole picture; None: no sample,
    every filter with the full `deflate` (libdeflate's level).
    """

    filters: tuple[str, ...]
    flat_filters: tuple[str, ...]
    deflate: int
    margin: float | None


_EFFORTS = {
    "fast": _Effort(("sub", "bigent"), ("none", "bigrams"), 10, 0.0),
    "balanced": _Effort(("sub", "bigent", "brute"), ("none", "bigrams", "bigent"), 12, 0.002),
    "max": _Effort(("sub", "bigent", "brute"), ("none", "bigrams", "bigent", "brute"), 12, None),
}


def options(effort: str, sample: Sample | None, *, flat: bool) -> dict[str, Any]:
    """oxipng's arguments for this effort.

    `sample` is None where the picture is too small or too odd for one; `flat` says that it has a palette,
    or so few colours that oxipng will make one.
    """
    from oxipng import Deflaters

    how = _EFFORTS[effort]
    filters = how.flat_filters if flat else how.filters
    if sample is not None and not flat and how.margin is not None:
        filters = _winners(sample, filters, how.margin)
    return {
        "level": 2,  # of the preset only what is not said here stays: which reductions are tried
        "filter": list(filters),
        "deflate": Deflaters.libdeflater(how.deflate),
        "fast_evaluation": how.margin is not None,
        "optimize_alpha": False,  # colours under full transparency are part of the picture
        "strip": "none",  # metadata has its own policy, applied later
    }


def _winners(sample: Sample, filters: tuple[str, ...], margin: float) -> tuple[str, ...]:
    sizes = {name: _size(sample, name) * (_BRUTE_HANDICAP if name == "brute" else 1) for name in filters}
    best = min(sizes.values())
    return tuple(name for name in filters if sizes[name] <= best * (1 + margin))


def _size(sample: Sample, filter_name: str) -> int:
    """Bytes of the sample with this filter, nothing else tried."""
    import oxipng

    rows = oxipng.RawImage(
        sample.width, sample.height, COLOUR_TYPES[sample.bands], oxipng.BitDepth.eight, sample.pixels
    )
    return len(
        rows.create_optimized_png(
            level=2,
            filter=[filter_name],
            deflate=oxipng.Deflaters.libdeflater(_SAMPLE_DEFLATE),
            bit_depth_reduction=False,
            color_type_reduction=False,
            palette_reduction=False,
            grayscale_reduction=False,
        )
    )
