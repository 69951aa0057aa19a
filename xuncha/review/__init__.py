"""The review page: a clerk goes through the findings of one run in a browser, with the evidence beside each.

`docket` is what there is to review, `desk` what a person may ask of it and the answers, `door` who may come in,
`server` the HTTP around them.
"""
