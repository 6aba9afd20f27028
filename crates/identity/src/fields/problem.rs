//! What can be wrong with a field, as codes and as sentences in English and Chinese.

use types::FieldKind;

/// What is wrong with one value. Never holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.code())]
pub enum FieldProblem {
    /// Nothing, or nothing but spaces.
    Empty,
    /// Over `IDENTITY_CHARS_MAX` characters.
    TooLong,
    /// Not as many characters as such a number has.
    WrongLength,
    /// A character that such a number does not have, or not there.
    WrongCharacter,
    /// An identity number's first digit is not that of a region.
    NoSuchRegion,
    /// An identity number's date of birth is no date, or before 1900.
    NotADate,
    /// An identity number's date of birth is after today.
    InTheFuture,
    /// An identity number's last character does not fit the others.
    CheckCharacter,
    /// Not a phone number at all.
    NotANumber,
    /// Its country has no such phone number.
    NoSuchRegionNumber,
    /// A control character or line break in a text.
    ControlCharacter,
    /// Not as the field's pattern says.
    Pattern,
}

/// All that is wrong with the fields of one statement, in the order of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{} identity fields are not as they must be", problems.len())]
pub struct FieldProblems {
    problems: Vec<(usize, FieldProblem)>,
}

impl FieldProblems {
    /// The problem document's stable code: `invalid-field`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "invalid-field"
    }

    /// Places of fields and what is wrong with each.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (usize, FieldProblem)> {
        self.problems.iter().copied()
    }

    pub(super) fn add(&mut self, index: usize, problem: FieldProblem) {
        self.problems.push((index, problem));
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }
}

impl FieldProblem {
    /// Every problem, for documentation and tests.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::TooLong,
        Self::WrongLength,
        Self::WrongCharacter,
        Self::NoSuchRegion,
        Self::NotADate,
        Self::InTheFuture,
        Self::CheckCharacter,
        Self::NotANumber,
        Self::NoSuchRegionNumber,
        Self::ControlCharacter,
        Self::Pattern,
    ];

    /// The stable code, as the API gives it beside the field's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too-long",
            Self::WrongLength => "wrong-length",
            Self::WrongCharacter => "wrong-character",
            Self::NoSuchRegion => "no-such-region",
            Self::NotADate => "not-a-date",
            Self::InTheFuture => "in-the-future",
            Self::CheckCharacter => "check-character",
            Self::NotANumber => "not-a-number",
            Self::NoSuchRegionNumber => "no-such-region-number",
            Self::ControlCharacter => "control-character",
            Self::Pattern => "pattern",
        }
    }

    /// What is wrong and what to do, for the person who filled the field in.
    #[must_use]
    pub const fn in_english(self, kind: &FieldKind) -> &'static str {
        match (self, kind) {
            (Self::Empty, _) => "Please fill this in.",
            (Self::TooLong, _) => "This is too long: at most 100 characters.",
            (Self::WrongLength, FieldKind::ResidentId) => {
                "An identity number has 18 characters. Please check that none is missing or extra."
            }
            (Self::WrongLength, FieldKind::Passport) => {
                "A passport number has 5 to 20 letters and digits. Please check it."
            }
            (Self::WrongLength, FieldKind::HomeReturnPermit) => {
                "A home-return permit number is H or M and 8 or 10 digits. Please check it."
            }
            (Self::WrongLength, _) => {
                "This has too few or too many characters. Please check that none is missing."
            }
            (Self::WrongCharacter, FieldKind::ResidentId) => {
                "An identity number has only digits; the last character may be X."
            }
            (Self::WrongCharacter, FieldKind::Passport) => {
                "A passport number has only letters A to Z and digits."
            }
            (Self::WrongCharacter, FieldKind::HomeReturnPermit) => {
                "A home-return permit number begins with H or M; digits follow."
            }
            (Self::WrongCharacter, _) => "There is a character here that does not belong.",
            (Self::NoSuchRegion, _) => {
                "An identity number begins with a region's code. Please check the first digits."
            }
            (Self::NotADate, _) => {
                "The date of birth in this identity number (characters 7 to 14) is not a date."
            }
            (Self::InTheFuture, _) => {
                "The date of birth in this identity number (characters 7 to 14) is in the future."
            }
            (Self::CheckCharacter, _) => {
                "The last character does not fit the others: one of them is mistyped. \
                 Please compare with the card."
            }
            (Self::NotANumber, _) => {
                "This is not a phone number. Please write digits only; a number from another \
                 country begins with + and the country code."
            }
            (Self::NoSuchRegionNumber, _) => {
                "There is no such phone number. Please check that no digit is missing or extra."
            }
            (Self::ControlCharacter, _) => {
                "There is an invisible character or a line break here. Please type it anew."
            }
            (Self::Pattern, _) => "This is not in the form that is asked for. Please check it.",
        }
    }

    /// The same in Chinese.
    #[must_use]
    pub const fn in_chinese(self, kind: &FieldKind) -> &'static str {
        match (self, kind) {
            (Self::Empty, _) => "请填写此项。",
            (Self::TooLong, _) => "内容过长，最多 100 个字符。",
            (Self::WrongLength, FieldKind::ResidentId) => {
                "身份证号码应为 18 位，请检查是否漏填或多填。"
            }
            (Self::WrongLength, FieldKind::Passport) => {
                "护照号码应为 5 至 20 位字母和数字，请核对。"
            }
            (Self::WrongLength, FieldKind::HomeReturnPermit) => {
                "回乡证号码应为字母 H 或 M 加 8 位或 10 位数字，请核对。"
            }
            (Self::WrongLength, _) => "位数不对，请检查是否漏填或多填。",
            (Self::WrongCharacter, FieldKind::ResidentId) => {
                "身份证号码只能包含数字，最后一位可以是 X。"
            }
            (Self::WrongCharacter, FieldKind::Passport) => "护照号码只能包含字母 A 至 Z 和数字。",
            (Self::WrongCharacter, FieldKind::HomeReturnPermit) => {
                "回乡证号码以字母 H 或 M 开头，其后均为数字。"
            }
            (Self::WrongCharacter, _) => "含有不应出现的字符，请核对。",
            (Self::NoSuchRegion, _) => "身份证号码开头的地区代码有误，请核对前几位。",
            (Self::NotADate, _) => "身份证号码中的出生日期（第 7 至 14 位）不是有效日期，请核对。",
            (Self::InTheFuture, _) => "身份证号码中的出生日期（第 7 至 14 位）晚于今天，请核对。",
            (Self::CheckCharacter, _) => {
                "身份证号码校验未通过，其中有一位可能填错，请对照证件逐位核对。"
            }
            (Self::NotANumber, _) => {
                "这不是有效的电话号码。请只填数字；境外号码请以 + 和国家（地区）代码开头。"
            }
            (Self::NoSuchRegionNumber, _) => "该电话号码不存在，请检查是否漏填或多填。",
            (Self::ControlCharacter, _) => "含有不可见字符或换行，请重新输入。",
            (Self::Pattern, _) => "格式不符合要求，请核对。",
        }
    }
}
