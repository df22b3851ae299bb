package vocabulary

// Bases of concept IRIs: base + id.
const (
	BaseISCEDF          = "http://data.europa.eu/snb/isced-f/"
	BaseEQF             = "http://data.europa.eu/snb/eqf/"
	BaseOpportunityType = "http://data.europa.eu/snb/learning-opportunity/"
	BaseMode            = "http://data.europa.eu/snb/learning-assessment/" // mode, in spite of its name
	BaseAssessmentType  = "http://data.europa.eu/snb/assessment/"
	BaseActivityType    = "http://data.europa.eu/snb/learning-activity/"
	BaseSchedule        = "http://data.europa.eu/snb/learning-schedule/"
	BaseSetting         = "http://data.europa.eu/snb/learning-setting/"
	BaseCredit          = "http://data.europa.eu/snb/education-credit/"
	BaseTargetGroup     = "http://data.europa.eu/snb/target-group/"
	BaseSkillType       = "http://data.europa.eu/snb/skill-type/"
	BaseReuseLevel      = "http://data.europa.eu/snb/skill-reuse-level/"
	BaseNQF             = "http://data.europa.eu/snb/qdr/"
	BaseLanguage        = "http://publications.europa.eu/resource/authority/language/"
	BaseCountry         = "http://publications.europa.eu/resource/authority/country/"
	BaseCurrency        = "http://publications.europa.eu/resource/authority/currency/"
	BaseESCOSkill       = "http://data.europa.eu/esco/skill/"
)

// Credit frameworks.
const (
	ECTS  = BaseCredit + "6fcec5c5af"
	ECVET = BaseCredit + "60b314e826"
)

// Learning opportunity types.
const (
	TypeCourse                 = BaseOpportunityType + "05053c1cbe"
	TypeProgrammeModule        = BaseOpportunityType + "0f7dac46ca"
	TypeMentoring              = BaseOpportunityType + "11252a5207"
	TypeMOOC                   = BaseOpportunityType + "17744a2647"
	TypeApprenticeship         = BaseOpportunityType + "63f9f6180c"
	TypeStudyVisit             = BaseOpportunityType + "65a4cf5de2"
	TypeShortLearningProgramme = BaseOpportunityType + "74a4a268e8"
	TypeInternship             = BaseOpportunityType + "77b99de990"
	TypeEducationalProgramme   = BaseOpportunityType + "79343569f3"
	TypeClass                  = BaseOpportunityType + "7e1ac538db"
	TypeServiceLearning        = BaseOpportunityType + "8b965da2d4"
	TypeThesis                 = BaseOpportunityType + "b2434ca358"
	TypeChallenge              = BaseOpportunityType + "c_170b037d"
)

// Modes of learning.
const (
	ModeWorkBased    = BaseMode + "729f3bed4b"
	ModeProjectBased = BaseMode + "7813801c77"
	ModePresential   = BaseMode + "9191af2ed9"
	ModeOnline       = BaseMode + "920fbb3cbe"
	ModeBlended      = BaseMode + "e92d221e4d"
	ModeResearchLab  = BaseMode + "ed4c557045"
	ModeHybrid       = BaseMode + "c_3a90b26d"
)

// Learning schedules: light is under 8 hours a week, intensive 8 to 30, full time above 30.
const (
	SchedulePartTimeLight     = BaseSchedule + "67395e6b5a"
	ScheduleFullTime          = BaseSchedule + "72a0ab92fa"
	SchedulePartTimeIntensive = BaseSchedule + "f230bae523"
)

// Skill types and learning settings.
const (
	SkillTypeKnowledge = BaseSkillType + "knowledge"
	SkillTypeSkill     = BaseSkillType + "skill"
	SettingFormal      = BaseSetting + "6fd4685715"
	SettingNonFormal   = BaseSetting + "e207a81fc7"
)
