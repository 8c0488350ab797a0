"""Every rendering of the law in Chinese: records of law in, words out; knows no claim."""
