"""Texts that break programs, as hypothesis draws them."""

from hypothesis import strategies as st

from app.trials.hostile_texts import FIXED

__all__ = ["FIXED", "characters", "drawn"]

characters = st.one_of(
    st.characters(),
    st.sampled_from("<>&\"'%{}=+-@\\/\x00\x1b\u202e\u2066\ufeff\u2028\n\r\t"),
)
drawn = st.text(characters, max_size=300)
