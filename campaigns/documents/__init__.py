"""The workbooks that units fill in, written and read back."""
