"""What every `api.py` uses: routes with their permission, decoding, encoding, paging, one error shape."""
