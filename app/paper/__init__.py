"""Forms on paper: annex 1 and 2, the village's nightly sheet and lists; one layout gives PDF and .docx alike."""
