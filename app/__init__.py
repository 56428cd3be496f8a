"""账房 Zhangfang: double-entry bookkeeping in one program."""
