"""Small journals of our own, one for each part of the grammar. The programs themselves say what they add up to."""

from __future__ import annotations

HLEDGER: dict[str, str] = {
    "comments and left-out amounts": """\
; a comment
# another
* an org heading
comment
2020-01-01 not a transaction
    a  1
end comment

2020-01-01 * (12) shop | with a note  ; tagged: yes
    ; a note of the transaction
    expenses:food   12.34 EUR  ; a note of the posting
    assets:cash
2020/1/2 ! pending
    ! expenses:food      1
    * assets:cash
2020.01.03 no space before the comment; and more
    expenses:food  ; not an amount
    assets:cash   3 EUR
""",
    "symbols": """\
2020-01-01 left and right
    assets:a    $1.50
    assets:b    -$0.50
    assets:c    $-1.00
2020-01-01 glued
    assets:a    5EUR
    assets:b    -5EUR
2020-01-01 quoted
    assets:a    3 "green apples 2"
    assets:b    -3 "green apples 2"
2020-01-01 chinese
    负债:花呗   ¥-12
    资产:现金   ¥12
""",
    "decimal marks": """\
commodity $1,000.00
2020-01-01 declared groups
    assets:a    $1,000
    assets:b
2020-01-01 both marks
    assets:a    1.234,56 EUR
    assets:b
2020-01-01 a single mark is a decimal mark
    assets:a    1,5 X
    assets:b
2020-01-01 several groups
    assets:a    1,000,000 Y
    assets:b
2020-01-01 spaced groups
    assets:a    1 000 000,25 Z
    assets:b
2020-01-01 exponent
    assets:a    1E3 W
    assets:b    -1000 W
""",
    "decimal-mark directive": """\
decimal-mark ,
2020-01-01 grouped
    assets:a    1.000 EUR
    assets:b    -1.000,00 EUR
""",
    "default commodity and year": """\
D $1,000.00
Y2021
01-31 in the year
    assets:a    5
    assets:b    $-5
Y 2022
2/1 in the next
    assets:a    1,000
    assets:b
""",
    "costs": """\
2020-01-01 unit cost
    assets:shares    10 AAPL @ $3.333
    assets:cash     $-33.33
2020-01-01 total cost
    assets:shares    3 MSFT @@ $10
    assets:cash
2020-01-01 implied cost
    assets:usd    100 USD
    assets:eur    -90 EUR
2020-01-01 implied cost of two
    assets:usd    10 USD
    assets:usd2   20 USD
    assets:eur    -3.33 EUR
2020-01-02 sold
    assets:shares    -5 AAPL {$3.333} @ $4
    assets:cash     $20
2020-01-02 negative total
    assets:shares    -3 MSFT @@ $12
    assets:cash
""",
    "several commodities left out": """\
2020-01-01 both are taken
    assets:a    1 X
    assets:b    2 Y
    equity:start
""",
    "virtual postings": """\
2020-01-01 with budget
    expenses:food    5 EUR
    assets:cash
    [budget:food]    -5 EUR
    [budget:cash]
    (memo:miles)     3 km
""",
    "assertions and assignments": """\
2020-01-02 later in the file, later in time
    assets:a    5 EUR = 15 EUR
    assets:b    -5 EUR
2020-01-01 first in time
    assets:a    10 EUR = 10 EUR
    assets:b
2020-01-03 assigned
    assets:a    = 7 EUR
    assets:b
2020-01-04 sub-accounts
    assets:a:sub    1 EUR
    assets:b       -1 EUR
2020-01-05 inclusive
    assets:a    0 EUR =* 8 EUR
2020-01-05 all of it
    assets:a    == 2 EUR
    assets:b
2020-01-06 all with sub-accounts
    assets:a    ==* 0 EUR
    assets:b
""",
    "aliases and prefixes": """\
alias checking = assets:bank:checking
alias /^exp:(.*)$/ = expenses:\\1
2020-01-01 by alias
    checking        5 EUR
    exp:food       -5 EUR
    checking:sub    1 EUR
    exp:food       -1 EUR
end aliases
apply account home
2020-01-02 under a prefix
    checking    1 EUR
    cash
end apply account
2020-01-03 after it
    checking    1 EUR
    cash
""",
    "rules that are not transactions": """\
~ monthly
    expenses:rent    100 EUR
    assets:cash
= expenses:food
    (budget:food)    *-1
2020-01-01 plain
    expenses:food    5 EUR
    assets:cash
P 2020-01-01 EUR $1.10
P 2020-01-02 10:00:00 "green apples 2" $0.50
tag project
payee shop
""",
    "dates": """\
2020-01-31=2020-02-01 second date
    expenses:food    5 EUR  ; date:2020-02-03
    assets:cash     -5 EUR  ; [2020-02-02=2020-02-04]
""",
    "deep names": """\
account 资产:银行:工商银行
account assets:bank account
2020-01-01 spaces in names
    assets:bank account:my card   5 EUR
    资产:银行:工商银行
2020-01-02 a parent is posted to
    assets:bank account           1 EUR
    资产:银行                      -1 EUR
""",
}

LEDGER: dict[str, str] = {
    "comments": """\
; a comment
# another
% and another
| and one more
* and the last
comment
2020/01/01 nothing
end comment
2020/01/01 * (7) Shop  ; a note
    Expenses:Food\t$5.00 ; a note
    Assets:Cash
""",
    "decimal marks": """\
2020/01/01 thousands
    Assets:A    $1,000
    Assets:B
2020/01/01 decimal comma
    Assets:A    1,5 X
    Assets:B
2020/01/01 groups and decimals
    Assets:A    1,234.56 EUR
    Assets:B
2020/01/01 the other way round
    Assets:A    1.234,56 Z
    Assets:B
""",
    "costs and lots": """\
2020/01/01 bought
    Assets:Shares    10 AAPL @ $30.00
    Assets:Cash
2020/01/02 sold from a lot
    Assets:Shares    -5 AAPL {$30.00} @ $50.00
    Assets:Cash      $250.00
    Income:Gains
2020/01/02 total
    Assets:Shares    4 MSFT @@ $10.00
    Assets:Cash
2020/01/03 implied
    Assets:Usd    10 USD
    Assets:Eur   -9 EUR
""",
    "automated transactions": """\
= /^Income/
    (Liabilities:Tithe)    0.12
2020/01/01 pay
    Assets:Bank    $1,000.00
    Income:Salary
= /food/
    [Budget:Food]    -1
    [Budget:Cash]    1
2020/01/02 eat
    Expenses:Food    $10.00
    Assets:Bank
""",
    "directives": """\
account Assets:Bank
    note the one in town
    alias bank
commodity $
    note dollars
    format $1,000.00
N $
apply account Home
apply tag trip
2020/01/01 away
    Expenses:Food    $5.00
    Cash
end tag
end apply account
!alias food=Expenses:Food
2020/01/02 at home
    food    $1.00
    bank
bucket Assets:Cash
2020/01/03 balanced by the bucket
    Expenses:Food    $2.00
test
2020/01/04 in a test
end test
~ Monthly
    Expenses:Rent    $100.00
    Assets:Bank
""",
    "assertions": """\
2020/01/02 in the order of the file
    Assets:A    $5.00 = $5.00
    Assets:B
2020/01/01 earlier, but after it
    Assets:A    $1.00 = $6.00
    Assets:B
2020/01/03 assigned
    Assets:A    = $10.00
    Assets:B
""",
}
