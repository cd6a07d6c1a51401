"""The duties of privacy: report, a person's copy, erasure, holds, retention; each by the privacy officer, each told."""
